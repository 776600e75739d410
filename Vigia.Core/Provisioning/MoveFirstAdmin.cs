using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;

namespace Vigia.Core.Provisioning;

/// <summary>Gives the first administrator's account the address on file, as long as nobody has used an invitation (facts 7.17).</summary>
internal sealed class MoveFirstAdmin : OperationDefinition
{
    public const string KindName = "move_first_admin";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("update_admin", UpdateAsync)];

    /// <summary>Changes nothing when another user of the tenant has the address already.</summary>
    public static async Task MoveAsync(NpgsqlConnection session, string email, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            UPDATE public.users SET email = $1, updated_at = now()
            WHERE id = (SELECT min(id) FROM public.users WHERE 'admin' = ANY (roles)) AND email <> $1
              AND NOT EXISTS (SELECT FROM public.users WHERE lower(email) = lower($1) AND NOT 'admin' = ANY (roles))
            """, session)
        { Parameters = { new() { Value = email } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task UpdateAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Tenants.AsNoTracking().SingleOrDefaultAsync(t => t.Id == context.TenantId, cancellationToken);
        if (tenant is not { State: TenantState.Ready } || await db.Invitations.AnyAsync(i => i.TenantId == tenant.Id && i.UsedAt != null, cancellationToken))
        {
            return;
        }

        await using var session = await context.OpenDatabaseAsync(tenant.DatabaseName!, cancellationToken);
        await MoveAsync(session, tenant.AccessEmail!, cancellationToken);
    }
}
