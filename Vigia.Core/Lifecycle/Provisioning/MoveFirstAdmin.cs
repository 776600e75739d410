using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>Moves the first administrator's account to the address on file. See docs/rules.md#access-address.</summary>
internal sealed class MoveFirstAdmin : OperationDefinition
{
    public static readonly OperationKind KindName = new("move_first_admin");

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.Edit.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("update_admin", UpdateAsync)];

    /// <summary>
    /// Updates the account before its tenant becomes ready again, because the address may have been edited while no
    /// operation could be queued. The accounts of an adopted database were there before, so its address is only that of
    /// the contact.
    /// </summary>
    public static async Task UpdateBeforeReadyAsync(
        MasterContext db, NpgsqlConnection session, Tenant tenant, CancellationToken cancellationToken)
    {
        if (tenant.AccessEmail is { } email
            && !await db.Set<TenantInvitation>()
            .AnyAsync(i => i.TenantId == tenant.Id && i.UsedAt != null, cancellationToken)
            && !await db.Set<TenantAdoption>()
                .AnyAsync(a => a.TenantId == tenant.Id && a.EndedAt == null, cancellationToken))
        {
            await MoveAsync(session, email, cancellationToken);
        }
    }

    /// <summary>
    /// Changes nothing if another user of the tenant already has the address, or if the administrator accepted an
    /// invitation: the account is in use. The master may not know that yet.
    /// </summary>
    public static async Task MoveAsync(NpgsqlConnection session, string email, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            UPDATE public.users SET email = $1, updated_at = now()
            WHERE id = (SELECT min(id) FROM public.users WHERE 'admin' = ANY (roles)) AND email <> $1
              AND NOT EXISTS (SELECT FROM public.users WHERE lower(email) = ANY ($2) AND NOT 'admin' = ANY (roles))
              AND NOT EXISTS (SELECT FROM public.audit_log l WHERE l.entity = 'users'
                  AND l.entity_id = public.users.id::text AND l.action = 'invitation_accepted')
            """, session)
        { Parameters = { new() { Value = email }, new() { Value = EmailAddress.Forms(email) } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task UpdateAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == context.TenantId, cancellationToken);
        if (tenant is { State: TenantState.Ready })
        {
            await using var session = await context.OpenTenantDatabaseAsync(cancellationToken);
            await UpdateBeforeReadyAsync(db, session, tenant, cancellationToken);
        }
    }
}
