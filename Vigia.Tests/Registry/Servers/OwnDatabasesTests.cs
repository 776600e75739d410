using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Isolation;

namespace Vigia.Tests.Registry.Servers;

/// <summary>A tenant has one own database, whatever other databases stand next to it.</summary>
public sealed class OwnDatabasesTests(PostgresServer server) : IsolationTestBase(server)
{
    [Fact]
    public async Task OwnDatabase_OtherKindsOfTheTenant_AreNotTakenForIt()
    {
        var tenant = await ReadyAsync(NewName("propia"));
        var own = await Host.Get<TenantDatabases>().GetAsync(tenant.Id, Cancellation);
        await using (var db = await Host.OpenMasterAsync())
        {
            foreach (var kind in new[]
            {
                DatabaseKind.Spare, DatabaseKind.Scratch, DatabaseKind.Beside, DatabaseKind.Replaced,
                DatabaseKind.Replaced,
            })
            {
                db.Add(NewDatabase(kind, kind == DatabaseKind.Spare ? null : tenant.Id));
            }

            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Equal(own.Id, (await Host.Get<TenantDatabases>().GetAsync(tenant.Id, Cancellation)).Id);
        Assert.Equal(OperationState.Succeeded, (await ProveAsync(tenant)).State);
        Assert.Equal(own.Id, (await LastAsync(tenant))!.DatabaseId);
    }

    [Theory]
    [InlineData(DatabaseKind.Tenant)]
    [InlineData(DatabaseKind.Trash)]
    public async Task OwnDatabase_Second_IsRefused(DatabaseKind kind)
    {
        var tenant = await ReadyAsync(NewName("unica"));
        await using var db = await Host.OpenMasterAsync();
        db.Add(NewDatabase(kind, tenant.Id));

        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync(Cancellation));

        Assert.Equal("ix_databases_own", Assert.IsType<PostgresException>(refused.InnerException).ConstraintName);
    }

    [Fact]
    public async Task Database_GivenToAnotherTenant_KeepsItsRoles()
    {
        var from = await ReadyAsync(NewName("cede"));
        var to = await RegisterAsync(NewName("recibe"));
        var role = await RoleOfAsync(from);

        await PostgresServer.ExecuteAsync(Host.Master, $"""
            UPDATE portal.databases SET tenant_id = {to} WHERE tenant_id = {from.Id};
            UPDATE portal.tenant_credentials SET tenant_id = {to} WHERE tenant_id = {from.Id}
            """, Cancellation);

        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(to, from.DatabaseName!, Cancellation);
        await using var command = new NpgsqlCommand("SELECT current_user::text", session);
        Assert.Equal(role, await command.ExecuteScalarAsync(Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Host.Get<TenantConnections>().OpenAsync(from.Id, from.DatabaseName!, Cancellation));
    }

    [Fact]
    public async Task Credential_WithoutATenant_BelongsToADatabase()
    {
        await using var db = await Host.OpenMasterAsync();
        var spare = NewDatabase(DatabaseKind.Spare, null);
        var credential = Host.Get<TenantConnections>().Create(spare, isCurrent: true, DateTimeOffset.UtcNow);
        db.AddRange(spare, credential);
        await db.SaveChangesAsync(Cancellation);

        Assert.Equal($"vigia_c_{credential.Id:N}", credential.RoleName);
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => db.Set<ManagedDatabase>().Where(d => d.Id == spare.Id).ExecuteDeleteAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, refused.SqlState);
    }

    // Only server 1 can be asked so far, so the attempt to ask the other one shows that the right one was meant.
    [Fact]
    public async Task OpenAsync_DatabaseOnAnotherServerMissing_ChecksThatServer()
    {
        var tenant = await ReadyAsync(NewName("lejos"));
        await PostgresServer.ExecuteAsync(Host.Master, $"""
            INSERT INTO portal.database_servers (id, name, failures) VALUES (2, 'otro', 0);
            UPDATE portal.databases SET server_id = 2 WHERE tenant_id = {tenant.Id}
            """, Cancellation);

        var asked = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => Host.Get<TenantConnections>().OpenAsync(tenant.Id, "vigia_no_existe", Cancellation));

        Assert.Equal(("serverId", 2), (asked.ParamName, asked.ActualValue));
    }

    private static ManagedDatabase NewDatabase(DatabaseKind kind, int? tenant) => new()
    {
        ServerId = ServerConnections.MasterServerId,
        Name = $"vigia_{kind}_{Guid.NewGuid():N}",
        Kind = kind,
        TenantId = tenant,
    };
}
