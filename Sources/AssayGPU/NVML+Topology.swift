internal import CNVML

extension NVML {
  /// More links than any device has.
  private static let mostLinks: UInt32 = 64

  /// How these are connected; what the driver does not tell is left out.
  func topology(of devices: [GPUDevice]) -> GPUTopology {
    var topology = GPUTopology()
    var handles: [(uuid: String, device: nvml_device?, links: [nvml_pci?])] = []
    for device in devices {
      var handle: nvml_device?
      guard let find = functions.byUUID, find(device.uuid, &handle) == NVMLFunctions.ok else { continue }
      var whole: nvml_device?
      if device.instance != nil, let parent = functions.whole, parent(handle, &whole) == NVMLFunctions.ok {
        handle = whole
      }
      if let cores = cores(near: handle) { topology.cores[device.uuid] = cores }
      if device.instance == nil { handles.append((device.uuid, handle, links(of: handle))) }
    }
    for (index, first) in handles.enumerated() {
      for second in handles.dropFirst(index + 1) {
        var path = GPUPath()
        path.links = direct(first.links, second.device)
        var status: UInt32 = 1
        // Over a switch each has as many as it has.
        if path.links == 0, let peer = functions.peer,
          peer(first.device, second.device, UInt32(NVML_PEER_NVLINK), &status) == NVMLFunctions.ok,
          status == 0
        {
          path.links = max(1, UInt32(min(first.links.count, second.links.count)))
        }
        var level: UInt32 = 0
        if let ancestor = functions.ancestor,
          ancestor(first.device, second.device, &level) == NVMLFunctions.ok
        {
          path.ancestor = GPUPath.Ancestor(rawValue: level)
        }
        if path != GPUPath() { topology.pairs.append(.init(first.uuid, second.uuid, path)) }
      }
    }
    return topology
  }

  /// What is at the other end of each link that is up; nil where that is not told.
  private func links(of device: nvml_device?) -> [nvml_pci?] {
    guard let state = functions.link else { return [] }
    var remotes: [nvml_pci?] = []
    for link in 0..<Self.mostLinks {
      var active: UInt32 = 0
      guard state(device, link, &active) == NVMLFunctions.ok else { break }
      guard active == 1 else { continue }
      var remote = nvml_pci()
      let isTold = functions.linkPCI.map { $0(device, link, &remote) == NVMLFunctions.ok } ?? false
      remotes.append(isTold ? remote : nil)
    }
    return remotes
  }

  private func direct(_ links: [nvml_pci?], _ other: nvml_device?) -> UInt32 {
    var own = nvml_pci()
    guard let pci = functions.pci, pci(other, &own) == NVMLFunctions.ok else { return 0 }
    return UInt32(
      links.count { remote in
        remote.map { ($0.domain, $0.bus, $0.device) == (own.domain, own.bus, own.device) } ?? false
      })
  }

  private func cores(near device: nvml_device?) -> [Int]? {
    var mask = [UInt](repeating: 0, count: 32)
    guard let affinity = functions.cores,
      affinity(device, UInt32(mask.count), &mask) == NVMLFunctions.ok
    else { return nil }
    let cores = mask.enumerated().flatMap { word, bits in
      (0..<UInt.bitWidth).filter { bits >> $0 & 1 == 1 }.map { word * UInt.bitWidth + $0 }
    }
    return cores.isEmpty ? nil : cores
  }
}
