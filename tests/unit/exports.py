"""Google Authenticator exports, encoded by Google's own protobuf from the message as published."""

import base64
from typing import Any
from urllib.parse import quote

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_INT32, _INT64, _STRING = _Field.TYPE_INT32, _Field.TYPE_INT64, _Field.TYPE_STRING
_BYTES, _MESSAGE = _Field.TYPE_BYTES, _Field.TYPE_MESSAGE


def _message_class() -> Any:
    """google_auth.proto of Aegis; enums as numbers, so that tests can write any."""
    file = descriptor_pb2.FileDescriptorProto(name="export.proto", syntax="proto3")
    account = file.message_type.add(name="OtpParameters")
    for number, (name, kind) in enumerate(
        (
            ("secret", _BYTES),
            ("name", _STRING),
            ("issuer", _STRING),
            ("algorithm", _INT32),
            ("digits", _INT32),
            ("type", _INT32),
            ("counter", _INT64),
            ("unique_id", _STRING),
            ("later", _STRING),  # a field that is not known today
        ),
        1,
    ):
        account.field.add(name=name, number=number, type=kind, label=_Field.LABEL_OPTIONAL)
    payload = file.message_type.add(name="MigrationPayload")
    payload.field.add(
        name="otp_parameters", number=1, type=_MESSAGE, type_name="OtpParameters",
        label=_Field.LABEL_REPEATED,
    )  # fmt: skip
    for number, name in enumerate(("version", "batch_size", "batch_index", "batch_id"), 2):
        payload.field.add(name=name, number=number, type=_INT32, label=_Field.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("MigrationPayload"))


_Payload = _message_class()

# What Google's app writes for an ordinary account.
ORDINARY = {"algorithm": 1, "digits": 1, "type": 2}


def payload(*accounts: dict[str, Any], **fields: int) -> bytes:
    """Return the bytes of one code with these accounts."""
    fields = {"version": 1, "batch_size": 1, "batch_id": -1_234_567} | fields
    return _Payload(
        otp_parameters=[ORDINARY | each for each in accounts], **fields
    ).SerializeToString()


def uri(data: bytes) -> str:
    """Return the text of the code that has this payload."""
    return "otpauth-migration://offline?data=" + quote(base64.b64encode(data), safe="")


def export(*accounts: dict[str, Any], **fields: int) -> str:
    """Return the text of one code with these accounts."""
    return uri(payload(*accounts, **fields))
