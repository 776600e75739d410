using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Lifecycle.OutsideRoles;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;

namespace Vigia.Core.Startup;

/// <summary>
/// Runs before anything else works: migrates the master, identifies it, checks what it needs, and creates the roles of
/// staff.
/// </summary>
// More than five dependencies: the parts of the start, in their order.
public sealed class MasterStartup(
    MasterMigrator migrator, MasterIdentification identification, MasterChecks checks, RightsHistory rights,
    OutsideRoleSettings outside, IServiceScopeFactory scopes)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await migrator.MigrateAsync(cancellationToken);
        await identification.IdentifyAsync(cancellationToken);
        await checks.RunAsync(cancellationToken);
        await outside.CheckAsync(cancellationToken);
        await outside.RecordAsync(cancellationToken);
        await rights.RecordAsync(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StaffAccounts>().EnsureRolesAsync(cancellationToken);
    }
}
