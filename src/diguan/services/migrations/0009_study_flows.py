
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import diguan.kernel.clocks


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0011_seals'),
        ('services', '0008_walks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StudyFlow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='名称')),
                ('tasks', models.PositiveIntegerField(verbose_name='环节')),
                ('names', models.JSONField(default=dict)),
                ('at', models.DateTimeField(default=diguan.kernel.clocks.now, editable=False, verbose_name='导入时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='flows', to='services.study')),
                ('upload', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.upload', verbose_name='流程图')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
    ]
