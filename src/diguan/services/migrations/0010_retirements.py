
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import diguan.kernel.clocks


class Migration(migrations.Migration):

    dependencies = [
        ('services', '0009_study_flows'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Retirement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('after', models.PositiveIntegerField()),
                ('day', models.DateField(verbose_name='停用日期')),
                ('reason', models.CharField(max_length=300, verbose_name='为什么停用')),
                ('basis', models.CharField(blank=True, max_length=300, verbose_name='依据')),
                ('successor', models.CharField(blank=True, max_length=60, verbose_name='改办哪个')),
                ('at', models.DateTimeField(default=diguan.kernel.clocks.now, editable=False)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('life_event', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retirements', to='services.lifeevent')),
                ('matter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retirements', to='services.matter')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('life_event', None), ('matter__isnull', False)), models.Q(('life_event__isnull', False), ('matter', None)), _connector='OR'), name='retirement_of_one'), models.CheckConstraint(condition=models.Q(models.Q(('basis', ''), _negated=True), models.Q(('successor', ''), _negated=True), _connector='OR'), name='retirement_has_ground'), models.UniqueConstraint(fields=('matter', 'after'), name='retirement_matter_once'), models.UniqueConstraint(fields=('life_event', 'after'), name='retirement_event_once')],
            },
        ),
    ]
