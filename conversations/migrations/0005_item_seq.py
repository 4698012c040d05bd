from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0004_privacy")]

    operations = [
        migrations.AddField(
            model_name="item",
            name="seq",
            field=models.BigIntegerField(editable=False, null=True),
        )
    ]
