from django.contrib import admin
from django.urls import path
from rest_framework import generics, serializers

from bench.peers.django_peer.models import Category, Customer, Orders
from bench.shape import LIST_COLUMNS


@admin.register(Orders)
class OrdersAdmin(admin.ModelAdmin):
    list_display = LIST_COLUMNS
    list_filter = ("status",)
    search_fields = ("title",)
    list_per_page = 25
    list_select_related = ("customer", "category")
    ordering = ("-id",)
    show_full_result_count = True


admin.site.register([Customer, Category])


class OrdersSerializer(serializers.ModelSerializer):
    customer = serializers.CharField(source="customer.name")
    category = serializers.CharField(source="category.name")

    class Meta:
        model = Orders
        fields = ("id", *LIST_COLUMNS)


class OrdersList(generics.ListAPIView):
    queryset = Orders.objects.select_related("customer", "category").order_by("-id")
    serializer_class = OrdersSerializer


urlpatterns = [path("admin/", admin.site.urls), path("api/orders/", OrdersList.as_view())]
