// A host writes `import VestigeLocal` and has what it needs to record.
@_exported public import VestigeCore
@_exported public import VestigeInquiry
@_exported public import VestigePolicy
@_exported public import VestigeRights
@_exported public import VestigeTrail
@_exported public import VestigeVault
