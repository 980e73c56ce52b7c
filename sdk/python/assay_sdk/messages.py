"""The messages and methods of `proto/`, from the compiled schema that Assay publishes; no generated code.

`messages.of("assay.evaluator.v1.RunState")` is a message class, `messages.method("/assay.../GetRun")` a method.
"""

import dataclasses
import functools
import importlib.resources

from google.protobuf import descriptor_pool, message_factory

MAXIMUM_DEPTH = 32


@dataclasses.dataclass(frozen=True)
class Method:
    """A method as the schema declares it."""

    name: str
    request: type
    response: type
    roles: frozenset
    idempotent: bool
    streams: bool


@functools.cache
def schema() -> bytes:
    """The serialized google.protobuf.FileDescriptorSet."""
    return importlib.resources.files(__package__).joinpath("descriptor_set.pb").read_bytes()


@functools.cache
def _pool():
    from google.protobuf import descriptor_pb2

    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(schema()).file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


@functools.cache
def of(name: str) -> type:
    """The class of a message."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(name))


def enum(name: str, value: str) -> int:
    """The number of an enum's value."""
    return _pool().FindEnumTypeByName(name).values_by_name[value].number


@functools.cache
def _methods() -> dict:
    # Read with classes of the same pool, so that the options are known and not skipped.
    files = of("google.protobuf.FileDescriptorSet").FromString(schema()).file
    rule = _pool().FindExtensionByName("assay.rpc.v1.method")
    role = _pool().FindEnumTypeByName("assay.rpc.v1.Role")
    names = {value.number: value.name.removeprefix("ROLE_").lower() for value in role.values}
    found = {}
    for file in files:
        for service in file.service:
            for method in service.method:
                options = method.options.Extensions[rule]
                name = f"/{file.package}.{service.name}/{method.name}"
                found[name] = Method(
                    name, of(method.input_type.lstrip(".")), of(method.output_type.lstrip(".")),
                    frozenset(names[number] for number in options.roles),
                    options.idempotent or method.server_streaming, method.server_streaming)
    return found


def method(name: str) -> Method | None:
    return _methods().get(name)


@functools.cache
def _rules(full_name: str) -> tuple:
    """For each field: number, whether it repeats, its kind, the most bytes and items."""
    rule = _pool().FindExtensionByName("assay.rpc.v1.field")
    for file in of("google.protobuf.FileDescriptorSet").FromString(schema()).file:
        for message in file.message_type:
            if f"{file.package}.{message.name}" == full_name:
                return {
                    field.name: (field.options.Extensions[rule].max_bytes, field.options.Extensions[rule].max_items)
                    for field in message.field
                }
    return {}


def check(message, depth: int = 0) -> None:
    """Raises ValueError for values that no peer of the protocol may send (docs/wire-protocol.md, section 2)."""
    if depth > MAXIMUM_DEPTH:
        raise ValueError("messages nest too deep")
    rules = _rules(message.DESCRIPTOR.full_name)
    for field, value in message.ListFields():
        most_bytes, most_items = rules.get(field.name, (0, 0))
        repeats = field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED
        values = value if repeats else [value]
        if repeats and len(values) > (most_items or 100_000):
            raise ValueError(f"{field.full_name} has {len(values)} items")
        for one in values:
            if field.type == field.TYPE_STRING:
                if "\0" in one or len(one.encode()) > (most_bytes or 65536):
                    raise ValueError(f"{field.full_name} is too long, or holds a zero byte")
            elif field.type == field.TYPE_BYTES:
                if len(one) > (most_bytes or 4 << 20):
                    raise ValueError(f"{field.full_name} is too long")
            elif field.type == field.TYPE_ENUM:
                if one not in field.enum_type.values_by_number:
                    raise ValueError(f"{field.full_name} has an unknown value")
            elif field.type == field.TYPE_MESSAGE:
                check(one, depth + 1)


def parse(kind: type, data: bytes):
    """Reads a message from outside. Raises ValueError."""
    try:
        message = kind.FromString(data)
    except Exception as error:  # DecodeError of whichever implementation protobuf runs on
        raise ValueError(str(error)) from None
    check(message)
    return message
