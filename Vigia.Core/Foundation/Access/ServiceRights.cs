namespace Vigia.Core.Foundation.Access;

/// <summary>
/// The rights that a service account can have. None of them changes anything, gives access to the portal or destroys.
/// </summary>
public static class ServiceRights
{
    /// <summary>
    /// Reads address, role and password of one tenant's database. No role of staff holds it: a person has no use for a
    /// tenant's password, and a program that needs it must not be a person.
    /// </summary>
    public const string TenantsConnectionRead = "tenants.connection.read";

    /// <summary>All rights that a service account can have.</summary>
    public static readonly IReadOnlyList<string> All =
        [TenantsConnectionRead, Rights.TenantsView, Rights.OperationsView, Rights.AuditView, Rights.AuditVerify];

    /// <summary>Those that no person can hold.</summary>
    public static readonly IReadOnlyList<string> OfProgramsOnly = [TenantsConnectionRead];
}
