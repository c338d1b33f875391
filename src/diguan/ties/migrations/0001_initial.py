import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import diguan.enterprises.models
import diguan.kernel.clocks


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('kernel', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Tie',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visibility', models.CharField(choices=[('scoped', '按职责范围'), ('county', '全县可见')], default='scoped', max_length=12, verbose_name='可见范围')),
                ('created_at', models.DateTimeField(default=diguan.kernel.clocks.now, editable=False, verbose_name='建立时间')),
                ('changed_at', models.DateTimeField(default=diguan.kernel.clocks.now, verbose_name='修改时间')),
                ('name', models.CharField(max_length=200, verbose_name='名称')),
                ('name_key', diguan.enterprises.models.KeyField(editable=False, max_length=200, unique=True)),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='说明')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.unit', verbose_name='归口单位')),
            ],
            options={
                'ordering': ['name_key', 'id'],
            },
        ),
    ]
