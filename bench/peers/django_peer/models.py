from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=80)

    class Meta:
        managed = False
        db_table = "peer_customer"

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    name = models.CharField(max_length=80)

    class Meta:
        managed = False
        db_table = "peer_category"

    def __str__(self) -> str:
        return self.name


class Orders(models.Model):
    code = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=120)
    status = models.CharField(
        max_length=20, null=True, choices=[(s, s) for s in ("draft", "open", "held", "closed", "void")]
    )
    priority = models.IntegerField(null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    weight = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    active = models.BooleanField(null=True)
    due_date = models.DateField(null=True)
    placed_at = models.DateTimeField(null=True)
    email = models.CharField(max_length=120, null=True)
    phone = models.CharField(max_length=40, null=True)
    city = models.CharField(max_length=60, null=True)
    notes = models.TextField(null=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True)
    category = models.ForeignKey(Category, models.PROTECT, null=True)

    class Meta:
        managed = False
        db_table = "peer_orders"

    def __str__(self) -> str:
        return self.code
