internal import CAssayProto
internal import CProtobufC

func decodeText(_ data: ProtobufCBinaryData, limit: Int, field: String) throws(MessageError) -> String {
  guard data.len > 0, let start = data.data else { return "" }
  guard data.len <= limit else {
    throw MessageError(.outOfBounds, "\(field) has \(data.len) bytes, at most \(limit) are allowed")
  }
  let bytes = UnsafeBufferPointer(start: start, count: data.len)
  guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
    throw MessageError(.invalidText, "\(field) is not UTF-8 without NUL")
  }
  return text
}

func decodeBlob(_ data: ProtobufCBinaryData, limit: Int, field: String) throws(MessageError) -> [UInt8] {
  guard data.len > 0, let start = data.data else { return [] }
  guard data.len <= limit else {
    throw MessageError(.outOfBounds, "\(field) has \(data.len) bytes, at most \(limit) are allowed")
  }
  return [UInt8](UnsafeBufferPointer(start: start, count: data.len))
}

func decodeCount(_ count: Int, limit: Int, field: String) throws(MessageError) -> Int {
  guard count <= limit else {
    throw MessageError(.outOfBounds, "\(field) has \(count) items, at most \(limit) are allowed")
  }
  return count
}

func decodeMessage<Message: PackedMessage>(
  _ pointer: UnsafeMutablePointer<Message.CStruct>?, field: String
) throws(MessageError) -> Message {
  guard let pointer else { throw MessageError(.malformed, "\(field) is missing") }
  return try Message(UnsafePointer(pointer))
}
