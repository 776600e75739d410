using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Api;
using Vigia.Core.Approvals;
using Vigia.Core.Audit;
using Vigia.Core.Databases;
using Vigia.Core.Deletion;
using Vigia.Core.Errors;
using Vigia.Core.Isolation;
using Vigia.Core.Mail;
using Vigia.Core.Operations;
using Vigia.Core.Plans;
using Vigia.Core.Provisioning;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Master;

/// <summary>The master database: the registry <c>public.clientes_saas</c> and everything of ours in schema <c>portal</c>.</summary>
public sealed class MasterContext(DbContextOptions<MasterContext> options)
    : IdentityDbContext<StaffMember, IdentityRole<Guid>, Guid>(options), IDataProtectionKeyContext
{
    public const string Schema = "portal";

    public DbSet<Tenant> Tenants => Set<Tenant>();
    public DbSet<TrashedTenant> Trash => Set<TrashedTenant>();
    public DbSet<Operation> Operations => Set<Operation>();
    public DbSet<OperationStep> OperationSteps => Set<OperationStep>();
    public DbSet<OperationItem> OperationItems => Set<OperationItem>();
    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();
    public DbSet<AuditHead> AuditHead => Set<AuditHead>();
    public DbSet<Plan> Plans => Set<Plan>();
    public DbSet<ManagedDatabase> Databases => Set<ManagedDatabase>();
    public DbSet<DatabaseServer> Servers => Set<DatabaseServer>();
    public DbSet<TenantCredential> Credentials => Set<TenantCredential>();
    public DbSet<TenantInvitation> Invitations => Set<TenantInvitation>();
    public DbSet<MasterInstance> Instance => Set<MasterInstance>();
    public DbSet<RecurringTick> RecurringTicks => Set<RecurringTick>();
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    public DbSet<StaffScope> StaffScopes => Set<StaffScope>();
    public DbSet<RoleGrant> RoleGrants => Set<RoleGrant>();
    public DbSet<RoleRight> RoleRights => Set<RoleRight>();
    public DbSet<StaffInvitation> StaffInvitations => Set<StaffInvitation>();
    public DbSet<SignInSession> Sessions => Set<SignInSession>();
    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();
    public DbSet<Approval> Approvals => Set<Approval>();
    public DbSet<IsolationProof> IsolationProofs => Set<IsolationProof>();
    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();
    public DbSet<IdempotentRequest> IdempotentRequests => Set<IdempotentRequest>();

    /// <summary>The only clients whose rows this context sees; null for all. See <see cref="VisibleTenants"/>.</summary>
    internal int[]? TenantScope { get; set; }

    public DbSet<PgDatabase> ServerDatabases => Set<PgDatabase>();

    /// <summary>PostgreSQL's <c>pg_database_size</c>: bytes on disk.</summary>
    public static long DatabaseSize(string name) => throw new InvalidOperationException("Only for queries.");

    /// <summary>The folded text that searches match (lower case, no accents, ñ as n); the same expression is indexed.</summary>
    public static string SearchText(string? ruc, string? legalName, string? subdomain, string? accessEmail) =>
        throw new InvalidOperationException("Only for queries.");

    /// <summary>Lower case, without accents, ñ as n.</summary>
    public static string Fold(string text) => throw new InvalidOperationException("Only for queries.");

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<TenantState>().HaveConversion<LowerCaseConverter<TenantState>>();
        configurationBuilder.Properties<InactiveKind>().HaveConversion<LowerCaseConverter<InactiveKind>>();
        configurationBuilder.Properties<OperationState>().HaveConversion<LowerCaseConverter<OperationState>>();
        configurationBuilder.Properties<OperationItemState>().HaveConversion<LowerCaseConverter<OperationItemState>>();
        configurationBuilder.Properties<StepState>().HaveConversion<LowerCaseConverter<StepState>>();
        configurationBuilder.Properties<DatabaseKind>().HaveConversion<LowerCaseConverter<DatabaseKind>>();
        configurationBuilder.Properties<ApprovalState>().HaveConversion<LowerCaseConverter<ApprovalState>>();
        configurationBuilder.Properties<ProofCause>().HaveConversion<LowerCaseConverter<ProofCause>>();
        configurationBuilder.Properties<IsolationVerdict>().HaveConversion<LowerCaseConverter<IsolationVerdict>>();
        configurationBuilder.Properties<OutboxState>().HaveConversion<LowerCaseConverter<OutboxState>>();
        configurationBuilder.Properties<Message>().HaveConversion<MessageConverter>().HaveColumnType("jsonb");
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasDefaultSchema(Schema);
        builder.ApplyConfigurationsFromAssembly(typeof(MasterContext).Assembly, type => type.Namespace?.StartsWith("Vigia.Core.TenantDatabase", StringComparison.Ordinal) != true);
        builder.HasDbFunction(typeof(MasterContext).GetMethod(nameof(SearchText))!).HasSchema(Schema).HasName("search_text");
        builder.HasDbFunction(typeof(MasterContext).GetMethod(nameof(Fold))!).HasSchema(Schema).HasName("fold");
        builder.HasDbFunction(typeof(MasterContext).GetMethod(nameof(DatabaseSize))!).IsBuiltIn().HasName("pg_database_size");
        StaffTables.Rename(builder);
        VisibleTenants.Filter(builder, this);
    }
}
