from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("kernel", "0004_batch_follows_filled")]

    operations = [
        migrations.AlterField("batch", "follows", models.PositiveBigIntegerField("上一批次", editable=False)),
        migrations.AddConstraint("batch", models.UniqueConstraint(fields=["source", "follows"], name="batch_follows_one")),
    ]
