"""`/api/admin/webhooks/`: where calls are reported to, and what became of each report."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webhooks import actions
from webhooks.models import Delivery, Endpoint
from webhooks.permissions import MayManageWebhooks
from webhooks.serializers import (
    DeliveryFilterSerializer,
    DeliveryPageSerializer,
    DeliverySerializer,
    EndpointSerializer,
    EndpointWishSerializer,
    IssuedEndpointSerializer,
)


class DeliveryPages(PageNumberPagination):
    page_size = 25


class EndpointListView(APIView):
    permission_classes = (MayManageWebhooks,)

    @extend_schema(operation_id="list_webhooks", responses=EndpointSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All webhooks of this server."""
        endpoints = Endpoint.objects.select_related("created_by")
        return Response(EndpointSerializer(endpoints, many=True).data)

    @extend_schema(
        operation_id="create_webhook",
        request=EndpointWishSerializer,
        responses={201: IssuedEndpointSerializer},
    )
    def post(self, request: Request) -> Response:
        """Have an address told of every call that ends. The answer holds its secret, once."""
        wish = EndpointWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        endpoint, secret = actions.create(_actor(request), wish.validated_data)
        issued = IssuedEndpointSerializer({"webhook": endpoint, "secret": secret})
        return Response(issued.data, status=status.HTTP_201_CREATED)


class EndpointView(APIView):
    permission_classes = (MayManageWebhooks,)

    @extend_schema(operation_id="read_webhook", responses=EndpointSerializer)
    def get(self, request: Request, endpoint_id: uuid.UUID) -> Response:
        """One webhook."""
        return Response(EndpointSerializer(_endpoint(endpoint_id)).data)

    @extend_schema(
        operation_id="change_webhook",
        request=EndpointWishSerializer(partial=True),
        responses=EndpointSerializer,
    )
    def patch(self, request: Request, endpoint_id: uuid.UUID) -> Response:
        """Change it; what is absent stays. Enabling it goes on with what waits."""
        endpoint = _endpoint(endpoint_id)
        wish = EndpointWishSerializer(data=request.data, partial=True)
        wish.is_valid(raise_exception=True)
        actions.change(_actor(request), endpoint, wish.validated_data)
        return Response(EndpointSerializer(endpoint).data)

    @extend_schema(operation_id="delete_webhook", responses={204: None})
    def delete(self, request: Request, endpoint_id: uuid.UUID) -> Response:
        """Delete it with its deliveries; nothing is sent there any more."""
        actions.delete(_actor(request), _endpoint(endpoint_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SecretView(APIView):
    permission_classes = (MayManageWebhooks,)

    @extend_schema(
        operation_id="rotate_webhook_secret", request=None, responses=IssuedEndpointSerializer
    )
    def post(self, request: Request, endpoint_id: uuid.UUID) -> Response:
        """A new signing secret, shown once. For a day the one before signs beside it."""
        endpoint = _endpoint(endpoint_id)
        secret = actions.rotate_secret(_actor(request), endpoint)
        return Response(IssuedEndpointSerializer({"webhook": endpoint, "secret": secret}).data)


class TestEventView(APIView):
    permission_classes = (MayManageWebhooks,)

    @extend_schema(operation_id="test_webhook", request=None, responses={202: DeliverySerializer})
    def post(self, request: Request, endpoint_id: uuid.UUID) -> Response:
        """Send a `webhook.test` event, once; its delivery tells how it went."""
        delivery = actions.send_test(_actor(request), _endpoint(endpoint_id))
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)


class DeliveryListView(APIView):
    permission_classes = (MayManageWebhooks,)

    @extend_schema(
        operation_id="list_webhook_deliveries",
        parameters=[DeliveryFilterSerializer, OpenApiParameter("page", int)],
        responses=DeliveryPageSerializer,
    )
    def get(self, request: Request, endpoint_id: uuid.UUID) -> Response:
        """What was sent there and what waits, the newest first, each with its attempts."""
        wish = DeliveryFilterSerializer(data=request.query_params)
        wish.is_valid(raise_exception=True)
        found = Delivery.objects.filter(endpoint=_endpoint(endpoint_id), **wish.validated_data)
        pages = DeliveryPages()
        found = found.select_related("session").prefetch_related("attempts")
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(DeliverySerializer(page, many=True).data)


class DeliveryView(APIView):
    permission_classes = (MayManageWebhooks,)

    @extend_schema(operation_id="read_webhook_delivery", responses=DeliverySerializer)
    def get(self, request: Request, delivery_id: uuid.UUID) -> Response:
        """One delivery with its attempts."""
        return Response(DeliverySerializer(_delivery(delivery_id)).data)


class ReplayView(APIView):
    permission_classes = (MayManageWebhooks,)

    @extend_schema(
        operation_id="replay_webhook_delivery", request=None, responses={202: DeliverySerializer}
    )
    def post(self, request: Request, delivery_id: uuid.UUID) -> Response:
        """Send it again now, with the same `webhook-id`."""
        delivery = actions.replay(_actor(request), _delivery(delivery_id))
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)


def _actor(request: Request) -> AbstractUser:
    assert isinstance(request.user, AbstractUser)
    return request.user


def _endpoint(endpoint_id: uuid.UUID) -> Endpoint:
    endpoint = Endpoint.objects.select_related("created_by").filter(pk=endpoint_id).first()
    if endpoint is None:
        raise Http404
    return endpoint


def _delivery(delivery_id: uuid.UUID) -> Delivery:
    found = Delivery.objects.select_related("endpoint", "session").filter(pk=delivery_id).first()
    if found is None:
        raise Http404
    return found
