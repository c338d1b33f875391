from django.db import migrations


def fill(apps, schema_editor):
    batch = apps.get_model("kernel", "Batch")
    before = {}
    for number, source in batch.objects.order_by("id").values_list("id", "source"):
        batch.objects.filter(pk=number).update(follows=before.get(source, 0))
        before[source] = number


class Migration(migrations.Migration):

    dependencies = [("kernel", "0003_batch_follows")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
