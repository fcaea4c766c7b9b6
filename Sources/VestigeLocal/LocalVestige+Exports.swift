import Foundation
public import VestigeInquiry
import VestigeTrail

extension LocalVestige {
    /// Where lines of exports and streams say they come from: this machine and process, and the trail's origin.
    ///
    /// - Parameter tenant: a service that keeps several trails names them; the trail's origin if left out.
    public func exportSource(
        tenant: String? = nil, enterprise: UInt32 = ExportSource.documentationEnterprise
    ) -> ExportSource {
        ExportSource(
            tenant: tenant ?? trail.origin, host: ProcessInfo.processInfo.hostName, processID: ProcessInfo.processInfo.processIdentifier,
            enterprise: enterprise)
    }
}
