from django.apps import AppConfig


class Peer(AppConfig):
    name = "bench.peers.django_peer"
    label = "peer"
