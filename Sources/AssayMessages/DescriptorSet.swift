internal import CAssayProto

/// The schema of every service and message of this build.
public enum DescriptorSet {
  /// A serialized `google.protobuf.FileDescriptorSet`, imports included.
  public static let bytes = [UInt8](
    UnsafeRawBufferPointer(start: assay_descriptor_set_begin(), count: assay_descriptor_set_size))
}
