public import VestigeCore

extension LocalVestige {
    /// Personal values of the host's own tables, under the keys of this vault and the rules of this policy.
    public var values: PersonalValues { PersonalValues(policy: policy, vault: vault) }
}
