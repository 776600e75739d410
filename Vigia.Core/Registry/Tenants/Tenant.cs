using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// A tenant: one row of <c>clientes_saas</c>. RUC and sub-domain are plain text here, because a registry that was taken
/// over may hold rows that break our rules. The portal writes its own values as <see cref="Tenants.Ruc"/>,
/// <see cref="Tenants.Subdomain"/> and <see cref="Tenants.DatabaseName"/>.
/// </summary>
/// <remarks>
/// It changes only through its methods, each of which is one event in the life of a tenant. They do not check whether
/// the event is possible: the caller does, before.
/// </remarks>
[VisibleByTenant(nameof(Id))]
public sealed class Tenant
{
    public int Id { get; private set; }
    public string? Ruc { get; private set; }
    public string? LegalName { get; private set; }
    public string? Subdomain { get; private set; }
    public string? AccessEmail { get; private set; }
    public string? ContactName { get; private set; }
    public string? Plan { get; private set; }
    public string? Environment { get; private set; }
    public bool IsActive { get; private set; }

    /// <summary>A JSON object as text; null when the product left it out.</summary>
    public string? Config { get; private set; }
    public bool LimitIssuance { get; private set; }
    public int? MaxDocuments { get; private set; }
    public int? MaxUsers { get; private set; }
    public int? MaxEstablishments { get; private set; }
    public string? DatabaseName { get; private set; }
    public int? ServerId { get; private set; }
    public TenantState State { get; private set; }
    public InactiveKind? InactiveKind { get; private set; }
    public string? InactiveReasonCode { get; private set; }
    public string? InactiveReason { get; private set; }
    public DateTimeOffset? InactiveSince { get; private set; }
    public int? SchemaVersion { get; private set; }

    /// <summary>Raised with every change of the limits.</summary>
    public int LimitsRevision { get; private set; }

    /// <summary>The revision that the tenant's own database has.</summary>
    public int LimitsAppliedRevision { get; private set; }

    /// <summary>Tokens issued before this moment are refused.</summary>
    public DateTimeOffset? TokensValidAfter { get; private set; }

    /// <summary>The end of a demo; null for production.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>The version of the row (PostgreSQL's <c>xmin</c>).</summary>
    public uint Version { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>A new row of the registry, without a database.</summary>
    public static Tenant Register(Ruc ruc, Subdomain subdomain, DateTimeOffset now) => new()
    {
        Ruc = ruc.Value,
        Subdomain = subdomain.Value,
        DatabaseName = Tenants.DatabaseName.For(subdomain).Value,
        ServerId = ServerConnections.NewDatabasesServerId,
        State = TenantState.Registered,
        LimitsRevision = 1,

        // Another tenant may have had the name, and tokens of its users still exist.
        TokensValidAfter = now,
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>
    /// A new row for a database that the portal did not create. It becomes active when the database is adopted.
    /// </summary>
    public static Tenant RegisterExisting(Ruc ruc, Subdomain subdomain, string databaseName, DateTimeOffset now)
    {
        var tenant = Register(ruc, subdomain, now);
        (tenant.DatabaseName, tenant.ServerId, tenant.State) = (databaseName, null, TenantState.Unmanaged);
        return tenant;
    }

    internal static Tenant WithId(int id) => new() { Id = id };

    /// <summary>A person corrected a wrong RUC.</summary>
    internal void CorrectRuc(Ruc ruc) => Ruc = ruc.Value;

    /// <summary>It gets another sub-domain. The database keeps its name. Tokens issued earlier are refused.</summary>
    internal void MoveTo(Subdomain subdomain, DateTimeOffset now) =>
        (Subdomain, TokensValidAfter) = (subdomain.Value, now);

    /// <summary>Its legal name changed.</summary>
    internal void Rename(string? legalName) => LegalName = legalName;

    /// <summary>Its administrator gets another address.</summary>
    internal void MoveAccessTo(string? email) => AccessEmail = email;

    /// <summary>Another person is its contact.</summary>
    internal void ChangeContact(string? name) => ContactName = name;

    /// <summary>It gets another plan. The limits do not follow.</summary>
    internal void ChangePlan(string? plan) => Plan = plan;

    /// <summary>
    /// A person chose its environment, before it had a database. Afterwards only <see cref="ConvertToProduction"/>
    /// changes it.
    /// </summary>
    internal void ChooseEnvironment(string? environment) => Environment = environment;

    /// <summary>The product's settings changed.</summary>
    /// <param name="config">A JSON object as text.</param>
    internal void Configure(string? config) => Config = config;

    /// <summary>The monthly limit of documents begins or ceases to apply.</summary>
    internal void EnforceIssuanceLimit(bool enforce) => LimitIssuance = enforce;

    /// <param name="most">Documents per month; null for no limit.</param>
    internal void LimitDocuments(int? most) => MaxDocuments = most;

    /// <param name="most">Users; null for no limit.</param>
    internal void LimitUsers(int? most) => MaxUsers = most;

    /// <param name="most">Establishments; null for no limit.</param>
    internal void LimitEstablishments(int? most) => MaxEstablishments = most;

    /// <summary>The making of its database was asked for.</summary>
    internal void BeginProvisioning() => State = TenantState.Provisioning;

    /// <summary>Its database is about to be made on this server.</summary>
    internal void PlaceOn(int serverId)
    {
        State = TenantState.Provisioning;
        ServerId = serverId;
    }

    /// <summary>The making of its database, or its restore, failed: a person retries or cancels.</summary>
    internal void MarkFailed() => State = TenantState.Failed;

    /// <summary>The making of its database was cancelled, and nothing of it is left.</summary>
    internal void CancelProvisioning() => State = TenantState.Registered;

    /// <summary>
    /// Its database is complete and proved. A tenant that a person made inactive meanwhile stays inactive: to
    /// reactivate it is an action of its own, with its right and its record.
    /// </summary>
    internal void MarkReady(int schemaVersion)
    {
        State = TenantState.Ready;
        IsActive = InactiveKind is null;
        SchemaVersion = schemaVersion;
        LimitsAppliedRevision = LimitsRevision;
    }

    /// <summary>The portal took its database back, as active as it was. Tokens issued earlier are refused.</summary>
    internal void MarkReclaimed(int schemaVersion, DateTimeOffset now)
    {
        State = TenantState.Ready;
        SchemaVersion = schemaVersion;
        LimitsAppliedRevision = LimitsRevision;
        TokensValidAfter = now;
    }

    /// <summary>A database that the portal did not create is being adopted. It keeps its own name.</summary>
    internal void PlaceAdopted(string databaseName, int serverId) =>
        (DatabaseName, ServerId) = (databaseName, serverId);

    /// <summary>The portal adopted its database. It stays as active as it was.</summary>
    /// <param name="limitsApplied">Whether the database has the limits of the registry.</param>
    /// <param name="isNew">Whether the row was made for the adoption.</param>
    internal void MarkAdopted(int schemaVersion, bool limitsApplied, bool isNew)
    {
        State = TenantState.Ready;
        IsActive = IsActive || (isNew && InactiveKind is null);
        SchemaVersion = schemaVersion;
        LimitsAppliedRevision = limitsApplied ? LimitsRevision : LimitsAppliedRevision;
    }

    /// <summary>The undo of its adoption began. It works as before for the product.</summary>
    internal void BeginUndoOfAdoption() => State = TenantState.Unmanaged;

    /// <summary>Its adoption is undone, and it is the product's again.</summary>
    internal void ForgetAdoption() => (State, ServerId, SchemaVersion) = (TenantState.Unmanaged, null, null);

    /// <summary>Its database has the schema of this version.</summary>
    internal void MarkUpgraded(int schemaVersion) => SchemaVersion = schemaVersion;

    /// <summary>Its deletion began: nobody signs in any more.</summary>
    internal void BeginDeletion(DateTimeOffset now)
    {
        State = TenantState.Deleting;
        IsActive = false;
        TokensValidAfter = now;
    }

    /// <summary>Its deletion was cancelled, and it is what it was before. Tokens issued earlier are refused.</summary>
    internal void CancelDeletion(TenantState state, bool wasActive, DateTimeOffset now)
    {
        (State, IsActive) = (state, wasActive);
        TokensValidAfter = now;
    }

    /// <summary>Its database lost the marker of the portal.</summary>
    /// <param name="wasActive">
    /// Whether it was active before its deletion began; used only while it is being deleted.
    /// </param>
    internal void MarkUnmanaged(bool? wasActive)
    {
        IsActive = State == TenantState.Deleting ? wasActive!.Value : IsActive;
        State = TenantState.Unmanaged;
    }

    /// <summary>
    /// It came back from the trash. A person may have withdrawn it while the restore had failed. Tokens issued before
    /// the deletion stay refused.
    /// </summary>
    /// <param name="state">Its state before the deletion.</param>
    /// <param name="wasActive">Whether it was active then.</param>
    internal void ReturnFromTrash(TenantState state, bool wasActive, DateTimeOffset now)
    {
        State = state;
        IsActive = wasActive && InactiveKind is null;
        TokensValidAfter = now;
    }

    /// <summary>A person suspended or withdrew it. Tokens issued earlier are refused.</summary>
    internal void Deactivate(InactiveKind kind, string reasonCode, string? reason, DateTimeOffset now)
    {
        TokensValidAfter = IsActive ? now : TokensValidAfter;
        IsActive = false;
        (InactiveKind, InactiveReasonCode, InactiveReason, InactiveSince) = (kind, reasonCode, reason, now);
    }

    /// <summary>The days of a demo are over. Tokens issued earlier are refused.</summary>
    internal void Expire(string reasonCode, DateTimeOffset now)
    {
        IsActive = false;
        TokensValidAfter = now;
        (InactiveKind, InactiveReasonCode, InactiveSince) = (Tenants.InactiveKind.Expired, reasonCode, now);
    }

    /// <summary>
    /// A person reactivated it. One without a database becomes active when that is ready. Tokens issued earlier are
    /// refused: a sign-in that began before the suspension may have ended after it.
    /// </summary>
    internal void Reactivate(DateTimeOffset now)
    {
        ForgetInactivity();
        var opens = State is not (TenantState.Registered or TenantState.Provisioning);
        TokensValidAfter = opens && !IsActive ? now : TokensValidAfter;
        IsActive = opens;
    }

    /// <summary>
    /// A demo became a production tenant. One that had expired is active again, because the end of the demo was its
    /// reason. A suspension by a person stays.
    /// </summary>
    /// <param name="expiresAt">Its new end; null for none.</param>
    /// <param name="plan">Its new plan; null for the present one.</param>
    /// <param name="now">The present moment.</param>
    internal void ConvertToProduction(DateTimeOffset? expiresAt, string? plan, DateTimeOffset now)
    {
        Environment = TenantEnvironments.Production;
        SetEnd(expiresAt, now);
        Plan = plan ?? Plan;
        if (this is { State: TenantState.Ready, IsActive: false, InactiveKind: Tenants.InactiveKind.Expired })
        {
            IsActive = true;
            TokensValidAfter = now;
            ForgetInactivity();
        }
    }

    /// <summary>
    /// Sets the end of a demo; null for production. If the former end was over, tokens issued earlier are refused: the
    /// tenant may not have been made inactive yet.
    /// </summary>
    internal void SetEnd(DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        TokensValidAfter = ExpiresAt <= now && !(expiresAt <= now) ? now : TokensValidAfter;
        ExpiresAt = expiresAt;
    }

    /// <summary>Its limits were changed, and its own database does not have them yet.</summary>
    internal void RaiseLimitsRevision() => LimitsRevision++;

    /// <summary>Its own database has the limits of the registry.</summary>
    internal void ConfirmLimitsApplied() => LimitsAppliedRevision = LimitsRevision;

    private void ForgetInactivity() =>
        (InactiveKind, InactiveReasonCode, InactiveReason, InactiveSince) = (null, null, null, null);
}

/// <summary>The place of a tenant in its life-cycle. See docs/rules.md#tenant-state.</summary>
[StoredInLowerCase]
public enum TenantState
{
    /// <summary>The row was written by another program, or the database does not carry the portal's marker.</summary>
    Unmanaged,
    Registered,
    Provisioning,
    Ready,
    Failed,
    Deleting,
}

/// <summary>The kind of inactivity of a tenant. See docs/rules.md#suspend-and-withdraw.</summary>
[StoredInLowerCase]
public enum InactiveKind
{
    Suspended,
    Withdrawn,
    Expired,
}
