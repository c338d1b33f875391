from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('services', '0003_bench'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['day'], name='case_by_day'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['applicant'], name='case_by_applicant'),
        ),
    ]
