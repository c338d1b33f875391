import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import diguan.kernel.clocks


class Migration(migrations.Migration):

    dependencies = [
        ('chains', '0001_coverage'),
        ('kernel', '0011_seals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IoTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visibility', models.CharField(choices=[('scoped', '按职责范围'), ('county', '全县可见')], default='scoped', max_length=12, verbose_name='可见范围')),
                ('created_at', models.DateTimeField(default=diguan.kernel.clocks.now, editable=False, verbose_name='建立时间')),
                ('changed_at', models.DateTimeField(default=diguan.kernel.clocks.now, verbose_name='修改时间')),
                ('example', models.BooleanField(default=False, verbose_name='示例')),
                ('name', models.CharField(max_length=200, verbose_name='表名')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年份')),
                ('source', models.CharField(max_length=200, verbose_name='来源')),
                ('region', models.CharField(blank=True, max_length=100, verbose_name='区域')),
                ('level', models.CharField(max_length=10, verbose_name='层级')),
                ('unit', models.CharField(max_length=40, verbose_name='单位')),
                ('imports', models.CharField(max_length=10, verbose_name='进口处理')),
                ('size', models.PositiveIntegerField(verbose_name='部门数')),
                ('off', models.FloatField(default=0, verbose_name='最大不平衡')),
                ('sectors', models.JSONField(default=dict, verbose_name='行业与部门对照')),
                ('state', models.CharField(choices=[('draft', '待入库'), ('kept', '已入库')], default='draft', max_length=6, verbose_name='状态')),
                ('current', models.BooleanField(default=False, verbose_name='正在用')),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.unit', verbose_name='归口单位')),
                ('upload', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.upload', verbose_name='原文件')),
            ],
            options={
                'ordering': ['-current', '-year', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Places',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visibility', models.CharField(choices=[('scoped', '按职责范围'), ('county', '全县可见')], default='scoped', max_length=12, verbose_name='可见范围')),
                ('created_at', models.DateTimeField(default=diguan.kernel.clocks.now, editable=False, verbose_name='建立时间')),
                ('changed_at', models.DateTimeField(default=diguan.kernel.clocks.now, verbose_name='修改时间')),
                ('name', models.CharField(max_length=200, verbose_name='表名')),
                ('source', models.CharField(max_length=200, verbose_name='来源')),
                ('counts', models.BooleanField(default=True, verbose_name='数的是户数')),
                ('home', models.CharField(max_length=100, verbose_name='本县在表里叫什么')),
                ('regions', models.PositiveIntegerField(verbose_name='地区数')),
                ('industries', models.PositiveIntegerField(verbose_name='行业数')),
                ('years', models.JSONField(default=list, verbose_name='年份')),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.unit', verbose_name='归口单位')),
                ('upload', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.upload', verbose_name='原文件')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='RegionYear',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visibility', models.CharField(choices=[('scoped', '按职责范围'), ('county', '全县可见')], default='scoped', max_length=12, verbose_name='可见范围')),
                ('created_at', models.DateTimeField(default=diguan.kernel.clocks.now, editable=False, verbose_name='建立时间')),
                ('changed_at', models.DateTimeField(default=diguan.kernel.clocks.now, verbose_name='修改时间')),
                ('name', models.CharField(max_length=100, verbose_name='区域')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年份')),
                ('proxy', models.CharField(choices=[('output', '总产出'), ('sales', '开票销售'), ('jobs', '从业人员')], max_length=6, verbose_name='口径')),
                ('local', models.JSONField(verbose_name='各部门数值')),
                ('whole', models.JSONField(default=dict, verbose_name='上级区域各部门数值')),
                ('income', models.FloatField(blank=True, null=True, verbose_name='居民收入（全部来源）')),
                ('spending', models.FloatField(blank=True, null=True, verbose_name='居民消费')),
                ('living_here', models.PositiveIntegerField(default=10000, verbose_name='本地居住的从业者')),
                ('source', models.CharField(max_length=200, verbose_name='来源')),
                ('told', models.PositiveIntegerField(blank=True, null=True, verbose_name='有数的企业')),
                ('asked', models.PositiveIntegerField(blank=True, null=True, verbose_name='登记的企业')),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.unit', verbose_name='归口单位')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='regions', to='chains.iotable')),
                ('upload', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.upload', verbose_name='原文件')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Estimate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visibility', models.CharField(choices=[('scoped', '按职责范围'), ('county', '全县可见')], default='scoped', max_length=12, verbose_name='可见范围')),
                ('created_at', models.DateTimeField(default=diguan.kernel.clocks.now, editable=False, verbose_name='建立时间')),
                ('changed_at', models.DateTimeField(default=diguan.kernel.clocks.now, verbose_name='修改时间')),
                ('kind', models.CharField(choices=[('project', '项目'), ('tourism', '文旅')], max_length=8, verbose_name='类别')),
                ('title', models.CharField(max_length=100, verbose_name='名称')),
                ('node', models.CharField(blank=True, max_length=60, verbose_name='环节')),
                ('inputs', models.JSONField(verbose_name='填的数')),
                ('result', models.JSONField(verbose_name='结果')),
                ('basis', models.JSONField(verbose_name='依据')),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.unit', verbose_name='归口单位')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='estimates', to='chains.iotable')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='estimates', to='chains.regionyear')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AddConstraint(
            model_name='iotable',
            constraint=models.UniqueConstraint(condition=models.Q(('current', True)), fields=('current',), name='table_one_current'),
        ),
        migrations.AddConstraint(
            model_name='iotable',
            constraint=models.CheckConstraint(condition=models.Q(('current', False), ('state', 'kept'), _connector='OR'), name='table_current_is_kept'),
        ),
        migrations.AddConstraint(
            model_name='iotable',
            constraint=models.CheckConstraint(condition=models.Q(('example', True), ('upload__isnull', False), _connector='OR'), name='table_has_its_file'),
        ),
        migrations.AddConstraint(
            model_name='regionyear',
            constraint=models.CheckConstraint(condition=models.Q(('living_here__lte', 10000)), name='region_living_here_is_a_share'),
        ),
        migrations.AddConstraint(
            model_name='regionyear',
            constraint=models.CheckConstraint(condition=models.Q(('income__isnull', True), ('income__gt', 0), _connector='OR'), name='region_income_above_0'),
        ),
        migrations.AddConstraint(
            model_name='regionyear',
            constraint=models.CheckConstraint(condition=models.Q(('spending__isnull', True), ('spending__gte', 0), _connector='OR'), name='region_spending_not_below_0'),
        ),
    ]
