using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>A tenant of the product's that is not adopted.</summary>
public sealed record FleetMember(int TenantId, string Name, string DatabaseName);

/// <summary>
/// Adopts the databases of a registry that the product filled, in one operation with a result for each tenant.
/// </summary>
public sealed class FleetAdoption(
    IDbContextFactory<MasterContext> contexts, TenantRequests requests, Reauthentication reauthentication,
    IOptions<AdoptionOptions> options)
{
    /// <summary>The kind of the operation on many tenants.</summary>
    public static OperationKind AdoptManyKind => AdoptTenants.KindName;

    /// <summary>Lists the tenants whose databases could be adopted, by name.</summary>
    public async Task<IReadOnlyList<FleetMember>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Adopt.Right);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await ReadAsync(db, null, cancellationToken);
    }

    /// <summary>
    /// The databases that a person signs for, in few bytes. A form asks for the signature with each key, and a fleet
    /// has thousands of names.
    /// </summary>
    public static string DigestOf(IEnumerable<FleetMember> tenants) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\0', tenants.Select(t => t.DatabaseName).Order(StringComparer.Ordinal)))));

    /// <summary>The action that a person signs.</summary>
    /// <param name="databases">The databases, as <see cref="DigestOf"/> writes them.</param>
    public static SignedAction SignatureOf(string databases, AdoptionRequest request) =>
        SignedAction.Of(SignedAction.TenantAdopt, "fleet", new
        {
            Databases = databases,
            request.KeepsOwner,
            BackupStatement = SignedAction.Reason(request.BackupStatement),
        });

    /// <summary>Adopts the databases of many tenants. Each is looked at again when the operation reaches it.</summary>
    /// <param name="ids">The tenants; null for all that are not adopted.</param>
    /// <returns>The operation's id.</returns>
    /// <exception cref="InvalidInputException"><c>backup_statement</c>, <c>product_keeps_owner</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>adoption_off</c>; <c>nothing_to_adopt</c>; <c>operation_running</c>; <c>password_wrong</c>,
    /// <c>confirmation_stale</c>.
    /// </exception>
    public async Task<Guid> StartAsync(
        Actor actor, IReadOnlyCollection<int>? ids, AdoptionRequest request, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsAdoptMany);
        options.Value.Demand();
        AdoptionService.Demand(request);
        IReadOnlyList<FleetMember> tenants;
        await using (var db = await contexts.OpenAsync(actor, cancellationToken))
        {
            tenants = await ReadAsync(db, ids, cancellationToken);
        }

        if (tenants.Count == 0)
        {
            throw new RuleException("nothing_to_adopt");
        }

        var signed = SignatureOf(DigestOf(tenants), request);
        SignedAction.DemandSame(request.Shown, signed);
        var signedWith = await reauthentication.DemandAsync(actor, signed, request.Password, cancellationToken);
        var statement = SignedAction.Reason(request.BackupStatement);
        var data = new AdoptTenantsData(request.KeepsOwner, statement);
        var record = new AuditEntry("tenants.adopt_requested")
        {
            SignatureMeaning = "sign_tenant_adopt",
            SignedWith = signedWith,
            After = new Dictionary<string, object?>
            {
                ["backup_statement"] = statement,
                ["product_keeps_owner"] = request.KeepsOwner,
            },
        };
        return await requests.EnqueueManyAsync(
            actor, new ManyTenantsRequest(AdoptTenants.KindName, data, record, "nothing_to_adopt")
            {
                Databases = tenants.ToDictionary(t => t.TenantId, t => t.DatabaseName),
            },
            (_, _) => Task.FromResult<IReadOnlyList<(int, string?)>>(
                [.. tenants.Select(t => (t.TenantId, (string?)null))]),
            cancellationToken);
    }

    /// <summary>The tenants whose databases could be adopted.</summary>
    internal static IQueryable<Tenant> Unmanaged(MasterContext db) =>
        db.Set<Tenant>().Where(t => t.State == TenantState.Unmanaged
            && !db.Set<Registry.Servers.ManagedDatabase>().Any(d => d.TenantId == t.Id
                && !db.Set<TenantAdoption>().Any(a => a.DatabaseId == d.Id && a.EndedAt == null)));

    /// <summary>Reads these tenants by name; all of them without <paramref name="ids"/>.</summary>
    internal static Task<IReadOnlyList<FleetMember>> ReadAsync(
        MasterContext db, IReadOnlyCollection<int>? ids, CancellationToken cancellationToken) =>
        ReadAsync(db, ids, int.MaxValue, cancellationToken);

    /// <summary>The same, at most so many.</summary>
    internal static async Task<IReadOnlyList<FleetMember>> ReadAsync(
        MasterContext db, IReadOnlyCollection<int>? ids, int most, CancellationToken cancellationToken)
    {
        var chosen = ids?.ToArray();
        return await Unmanaged(db).Where(t => chosen == null || chosen.Contains(t.Id))
            .OrderBy(t => EF.Functions.Collate(t.LegalName!, MasterContext.Collation)).ThenBy(t => t.Id).Take(most)
            .Select(t => new FleetMember(
                t.Id, t.LegalName ?? t.Subdomain ?? "", t.DatabaseName ?? "vigia_" + t.Subdomain))
            .ToListAsync(cancellationToken);
    }
}
