"""Swift value types that pack and unpack through protobuf-c's structs."""

import re

import names
from model import Field

SCALARS = {
    Field.TYPE_INT32: "Int32", Field.TYPE_SINT32: "Int32", Field.TYPE_SFIXED32: "Int32",
    Field.TYPE_INT64: "Int64", Field.TYPE_SINT64: "Int64", Field.TYPE_SFIXED64: "Int64",
    Field.TYPE_UINT32: "UInt32", Field.TYPE_FIXED32: "UInt32",
    Field.TYPE_UINT64: "UInt64", Field.TYPE_FIXED64: "UInt64",
    Field.TYPE_DOUBLE: "Double", Field.TYPE_FLOAT: "Float", Field.TYPE_BOOL: "Bool",
}
HEADER = "// Generated from proto/ by tools/protos.sh. Do not edit.\n// swift-format-ignore-file\n"


def generate(model):
    """{file name: text} for Sources/AssayMessages/Generated."""
    result = {}
    for package, files in model.packages().items():
        space = names.namespace(package)
        writer = Writer(model)
        writer.line(HEADER + "internal import CAssayProto\ninternal import CProtobufC\n")
        writer.line(f"/// Messages of package `{package}`.")
        writer.line(f"public enum {space} {{}}\n")
        writer.line(f"extension {space} {{")
        for file in files:
            writer.comments = comments(file)
            for index, enum in enumerate(file.enum_type):
                writer.enum(enum, "  ", (5, index))
            for index, message in enumerate(file.message_type):
                writer.message(f".{package}.{message.name}", "  ", (4, index))
        writer.line("}")
        result[f"{space}.swift"] = writer.text()
    result["AllMessages.swift"] = listing(model)
    return result


def listing(model):
    types = [
        f"{names.namespace(package)}.{message.name}"
        for package, files in model.packages().items() for file in files for message in file.message_type
    ]
    lines = "".join(f"    {name}.self,\n" for name in types)
    return (
        f"{HEADER}/// Every message of the schema, for who has to read them all.\npackage enum AllMessages {{\n"
        f"  package static let types: [any WireMessage.Type] = [\n{lines}  ]\n}}\n")


def comments(file):
    return {
        tuple(location.path): location.leading_comments.strip("\n")
        for location in file.source_code_info.location
        if location.leading_comments
    }


class Writer:
    def __init__(self, model):
        self.model, self.lines, self.comments = model, [], {}

    def line(self, text=""):
        self.lines.append(text)

    def text(self):
        return "\n".join(self.lines) + "\n"

    def doc(self, path, indent, fallback=None):
        text = self.comments.get(tuple(path), fallback)
        if text:
            for part in text.split("\n"):
                self.line(f"{indent}///{' ' + part.strip() if part.strip() else ''}")

    # Types

    def swift_type(self, field):
        if field.type in SCALARS:
            return SCALARS[field.type]
        if field.type == Field.TYPE_STRING:
            return "String"
        if field.type == Field.TYPE_BYTES:
            return "[UInt8]"
        table = self.model.enums if field.type == Field.TYPE_ENUM else self.model.messages
        return table[field.type_name][1]

    def default(self, field):
        if field.type == Field.TYPE_BOOL:
            return "false"
        if field.type in SCALARS:
            return "0"
        if field.type == Field.TYPE_STRING:
            return '""'
        if field.type == Field.TYPE_BYTES:
            return "[]"
        return ".unspecified"

    def c_type(self, field):
        if field.type == Field.TYPE_BOOL:
            return "protobuf_c_boolean"
        if field.type in SCALARS:
            return SCALARS[field.type]
        if field.type in (Field.TYPE_STRING, Field.TYPE_BYTES):
            return "ProtobufCBinaryData"
        name = names.c_type(field.type_name)
        return name if field.type == Field.TYPE_ENUM else f"UnsafeMutablePointer<{name}>?"

    def encode(self, field, value):
        if field.type == Field.TYPE_BOOL:
            return f"{value} ? 1 : 0"
        if field.type in SCALARS:
            return value
        if field.type == Field.TYPE_STRING:
            return f"arena_.text({value})"
        if field.type == Field.TYPE_BYTES:
            return f"arena_.blob({value})"
        if field.type == Field.TYPE_ENUM:
            return f"{names.c_type(field.type_name)}(rawValue: .init(truncatingIfNeeded: {value}.rawValue))"
        return f"arena_.message({value})"

    def decode(self, field, value):
        size, _ = self.model.bounds(field)
        label = f'"{field.name}"'
        if field.type == Field.TYPE_BOOL:
            return f"{value} != 0"
        if field.type in SCALARS:
            return value
        if field.type == Field.TYPE_STRING:
            return f"try decodeText({value}, limit: {size}, field: {label})"
        if field.type == Field.TYPE_BYTES:
            return f"try decodeBlob({value}, limit: {size}, field: {label})"
        if field.type == Field.TYPE_ENUM:
            return f"try {self.swift_type(field)}.decoded(Int32(truncatingIfNeeded: {value}.rawValue), field: {label})"
        return f"try decodeMessage({value}, field: {label})"

    # Declarations

    def enum(self, enum, indent, path):
        prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"
        inner = indent + "  "
        self.doc(path, indent)
        self.line(f"{indent}public struct {enum.name}: WireEnum {{")
        self.line(f"{inner}public var rawValue: Int32")
        self.line(f"{inner}public init(rawValue: Int32) {{ self.rawValue = rawValue }}")
        short = []
        for index, value in enumerate(enum.value):
            name = names.lower_camel(value.name[len(prefix):])
            short.append((value, name))
            self.doc(tuple(path) + (2, index), inner)
            self.line(f"{inner}public static let {names.quoted(name)} = {enum.name}(rawValue: {value.number})")
        self.line(f"{inner}/// Every declared value with its name in the .proto.")
        self.line(f"{inner}public static let declared: [(value: {enum.name}, name: String)] = [")
        for value, name in short:
            self.line(f'{inner}  (.{names.quoted(name)}, "{value.name}"),')
        self.line(f"{inner}]")
        self.line(f"{indent}}}\n")

    def message(self, full, indent, path):
        message, _ = self.model.messages[full]
        c_type, c_prefix = names.c_type(full), names.c_prefix(full)
        inner, body = indent + "  ", indent + "    "
        oneofs = {}
        for field in message.field:
            if field.HasField("oneof_index"):
                oneofs.setdefault(field.oneof_index, []).append(field)
        self.doc(path, indent, f"`{full[1:]}`.")
        self.line(f"{indent}public struct {message.name}: WireMessage, PackedMessage {{")
        for index, enum in enumerate(message.enum_type):
            self.enum(enum, inner, tuple(path) + (4, index))
        for index, nested in enumerate(message.nested_type):
            self.message(f"{full}.{nested.name}", inner, tuple(path) + (3, index))
        seen = set()
        for index, field in enumerate(message.field):
            name = names.quoted(names.lower_camel(field.name))
            if field.HasField("oneof_index"):
                if field.oneof_index in seen:
                    continue
                seen.add(field.oneof_index)
                oneof = message.oneof_decl[field.oneof_index].name
                kind = names.upper_camel(oneof)
                self.line(f"{inner}public enum {kind}: Hashable, Sendable {{")
                for member in oneofs[field.oneof_index]:
                    self.line(f"{inner}  case {names.quoted(names.lower_camel(member.name))}({self.swift_type(member)})")
                self.line(f"{inner}}}")
                self.line(f"{inner}public var {names.quoted(names.lower_camel(oneof))}: {kind}?")
                continue
            self.doc(tuple(path) + (2, index), inner)
            if field.label == Field.LABEL_REPEATED:
                self.line(f"{inner}public var {name}: [{self.swift_type(field)}] = []")
            elif field.type == Field.TYPE_MESSAGE:
                self.line(f"{inner}public var {name}: {self.swift_type(field)}?")
            else:
                self.line(f"{inner}public var {name}: {self.swift_type(field)} = {self.default(field)}")
        self.line(f"{inner}public init() {{}}")
        self.line(f'{inner}public static let fullName = "{full[1:]}"')
        self.line(f"{inner}public func serialized() -> [UInt8] {{ packed() }}")
        self.line(f"{inner}public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {{")
        self.line(f"{inner}  self = try Self.unpacked(bytes)")
        self.line(f"{inner}}}")
        self.line(f"{inner}typealias CStruct = {c_type}")
        self.line(f"{inner}static func initialize(_ pointer: UnsafeMutablePointer<{c_type}>) {{ {c_prefix}__init(pointer) }}")
        self.line(f"{inner}func fill(_ pointer: UnsafeMutablePointer<{c_type}>, _ arena_: inout Arena) {{")
        seen = set()
        for field in message.field:
            self.fill(full, message, field, oneofs, seen, body)
        self.line(f"{inner}}}")
        self.line(f"{inner}init(_ pointer: UnsafePointer<{c_type}>) throws(MessageError) {{")
        seen = set()
        for field in message.field:
            self.read(full, message, field, oneofs, seen, body)
        self.line(f"{inner}}}")
        self.line(f"{indent}}}\n")

    def fill(self, full, message, field, oneofs, seen, body):
        name = names.quoted(names.lower_camel(field.name))
        c_name = names.c_field(field.name)
        target = f"pointer.pointee.{names.quoted(c_name)}"
        if field.label == Field.LABEL_REPEATED:
            self.line(f"{body}if !{name}.isEmpty {{")
            self.line(f"{body}  let items_ = arena_.array({self.c_type(field)}.self, count: {name}.count)")
            self.line(f"{body}  for index_ in {name}.indices {{ items_[index_] = {self.encode(field, name + '[index_]')} }}")
            self.line(f"{body}  pointer.pointee.n_{c_name} = {name}.count")
            self.line(f"{body}  {target} = items_")
            self.line(f"{body}}}")
        elif field.HasField("oneof_index"):
            if field.oneof_index in seen:
                return
            seen.add(field.oneof_index)
            oneof = message.oneof_decl[field.oneof_index].name
            self.line(f"{body}switch {names.quoted(names.lower_camel(oneof))} {{")
            for member in oneofs[field.oneof_index]:
                tag = f"{names.c_prefix(full).upper()}__{oneof.upper()}_{member.name.upper()}"
                self.line(f"{body}case .{names.quoted(names.lower_camel(member.name))}(let value_)?:")
                self.line(f"{body}  pointer.pointee.{oneof.lower()}_case = {tag}")
                self.line(f"{body}  pointer.pointee.{names.quoted(names.c_field(member.name))} = {self.encode(member, 'value_')}")
            self.line(f"{body}case nil: break")
            self.line(f"{body}}}")
        elif field.type == Field.TYPE_MESSAGE:
            self.line(f"{body}if let value_ = {name} {{ {target} = {self.encode(field, 'value_')} }}")
        else:
            self.line(f"{body}{target} = {self.encode(field, name)}")

    def read(self, full, message, field, oneofs, seen, body):
        name = names.quoted(names.lower_camel(field.name))
        c_name = names.c_field(field.name)
        source = f"pointer.pointee.{names.quoted(c_name)}"
        if field.label == Field.LABEL_REPEATED:
            _, items = self.model.bounds(field)
            self.line(f'{body}let {c_name}Count_ = try decodeCount(pointer.pointee.n_{c_name}, limit: {items}, field: "{field.name}")')
            self.line(f"{body}if {c_name}Count_ > 0, let items_ = {source} {{")
            self.line(f"{body}  {name}.reserveCapacity({c_name}Count_)")
            self.line(f"{body}  for index_ in 0..<{c_name}Count_ {{ {name}.append({self.decode(field, 'items_[index_]')}) }}")
            self.line(f"{body}}}")
        elif field.HasField("oneof_index"):
            if field.oneof_index in seen:
                return
            seen.add(field.oneof_index)
            oneof = message.oneof_decl[field.oneof_index].name
            self.line(f"{body}switch pointer.pointee.{oneof.lower()}_case {{")
            for member in oneofs[field.oneof_index]:
                tag = f"{names.c_prefix(full).upper()}__{oneof.upper()}_{member.name.upper()}"
                value = f"pointer.pointee.{names.quoted(names.c_field(member.name))}"
                self.line(f"{body}case {tag}:")
                self.line(f"{body}  {names.quoted(names.lower_camel(oneof))} = .{names.lower_camel(member.name)}({self.decode(member, value)})")
            self.line(f"{body}default: break")
            self.line(f"{body}}}")
        elif field.type == Field.TYPE_MESSAGE:
            self.line(f"{body}if let value_ = {source} {{ {name} = {self.decode(field, 'value_')} }}")
        else:
            self.line(f"{body}{name} = {self.decode(field, source)}")
