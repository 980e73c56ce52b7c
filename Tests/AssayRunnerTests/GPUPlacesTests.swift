import Testing

@testable import AssayRunner

@Suite struct GPUPlacesTests {
  @Test(
    "programs are told of a driver's folder where they would not look, and given it where they would not have it"
  )
  func folders() {
    for folder in ["/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib64", "/lib"] {
      #expect(GPUPlaces.isUsual(folder) && GPUPlaces.isEverywhere(folder), "\(folder)")
    }
    // Of containers that get their driver from the host.
    #expect(!GPUPlaces.isUsual("/usr/local/nvidia/lib64"))
    #expect(GPUPlaces.isEverywhere("/usr/local/nvidia/lib64"))
    #expect(!GPUPlaces.isUsual("/opt/nvidia") && !GPUPlaces.isEverywhere("/opt/nvidia"))
    #expect(!GPUPlaces.isUsual("/usr/lib/nvidia-550") && !GPUPlaces.isEverywhere("/usrlib"))
  }
}
