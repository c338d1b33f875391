from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("kernel", "0002_batches")]

    operations = [
        migrations.AddField("batch", "follows", models.PositiveBigIntegerField("上一批次", editable=False, null=True)),
    ]
