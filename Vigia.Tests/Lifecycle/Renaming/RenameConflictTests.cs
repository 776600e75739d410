using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Renaming;

/// <summary>Renames that meet another rename, another tenant, a deletion or the trash.</summary>
public sealed class RenameConflictTests(PostgresServer server) : RenamingTestBase(server)
{
    [Fact]
    public async Task Rename_TwoTenantsToOneName_OneGetsItAndTheOtherKeepsItsOwn()
    {
        var (one, two, name) = (NewName("uno"), NewName("dos"), NewName("disputado"));
        int[] ids = [await RegisterAsync(one), await RegisterAsync(two)];
        var before = new[] { await RowAsync(ids[0]), await RowAsync(ids[1]) }
            .ToDictionary(row => row.Id, row => row.TokensValidAfter);
        await Host.PauseWorkersAsync(true);
        var asked = await Task.WhenAll(ids.Select(id => AskAsync(id, name)));
        await Host.PauseWorkersAsync(false);

        var ended = await Task.WhenAll(asked.Select(Host.EndOfAsync));

        var lost = Assert.Single(ended, o => o.State == OperationState.Failed);
        Assert.Single(ended, o => o.State == OperationState.Succeeded);
        Assert.Equal("subdominio_taken", lost.Error!.Code);
        Assert.StartsWith("Laboratorio", lost.Error.Args[0], StringComparison.Ordinal);
        var loser = await RowAsync(lost.TenantId!.Value);
        Assert.Equal(lost.TenantId == ids[0] ? one : two, loser.Subdomain);
        Assert.Equal(before[loser.Id], loser.TokensValidAfter);
        Assert.Empty(await AliasesAsync(loser.Id));
        await Operations.CancelAsync(Host.Admin, lost.Id, Cancellation);
        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(lost.Id)).State);
        await RenameAsync(loser.Id, NewName("otro"));
    }

    [Fact]
    public async Task Rename_OneTenantTwiceAtOnce_OneIsAccepted()
    {
        var id = await RegisterAsync(NewName("doble"));
        await Host.PauseWorkersAsync(true);

        var ends = await Task.WhenAll(new[] { NewName("a"), NewName("b") }
            .Select(async name => await Record.ExceptionAsync(() => AskAsync(id, name))));

        var refused = Assert.IsAssignableFrom<RuleException>(
            Assert.Single(ends, end => end is not null));
        Assert.Equal("operation_running", refused.Reason.Code);
        Assert.Equal(1, await RecordsAsync(id, "tenant.rename_requested"));
    }

    [Fact]
    public async Task Rename_NameTakenSinceTheRequest_FailsAndIsRetriedWhenItIsFree()
    {
        var (old, name) = (NewName("espera"), NewName("ocupado"));
        var id = await RegisterAsync(old);
        await Host.PauseWorkersAsync(true);
        var asked = await AskAsync(id, name);
        await WriteAsync(Insert(name));
        await Host.PauseWorkersAsync(false);

        var failed = await Host.EndOfAsync(asked);

        Assert.Equal((OperationState.Failed, "subdominio_taken", "Otra S.A."),
            (failed.State, failed.Error!.Code, failed.Error.Args[0]));
        Assert.Equal(old, (await RowAsync(id)).Subdomain);
        Assert.Empty(await AliasesAsync(id));
        await WriteAsync($"DELETE FROM clientes_saas WHERE subdominio = '{name}'");
        await Operations.RetryAsync(Host.Admin, asked, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(asked)).State);
        Assert.Equal(name, (await RowAsync(id)).Subdomain);
    }

    [Fact]
    public async Task Rename_DatabaseOfTheNameIsAnotherTenants_IsRefusedAtOnceAndLater()
    {
        var (held, free, own) = (NewName("retenido"), NewName("libre"), NewName("propio"));
        var (id, other) = (await RegisterAsync(own), await RegisterAsync(held));
        await WriteAsync($"UPDATE clientes_saas SET subdominio = '{NewName("movido")}' WHERE id = {other}");
        Assert.Equal($"vigia_{held}", (await RowAsync(other)).DatabaseName);

        await AssertRefusedAsync("db_name_taken", () => AskAsync(id, held));

        await Host.PauseWorkersAsync(true);
        var asked = await AskAsync(id, free);
        await WriteAsync($"UPDATE clientes_saas SET db_name = 'vigia_{free}' WHERE id = {other}");
        await Host.PauseWorkersAsync(false);
        var failed = await Host.EndOfAsync(asked);
        Assert.Equal((OperationState.Failed, "db_name_taken"), (failed.State, failed.Error!.Code));
        Assert.Equal(own, (await RowAsync(id)).Subdomain);
        Assert.Empty(await AliasesAsync(id));
    }

    [Fact]
    public async Task Rename_BesideAProgramThatTakesTheName_WaitsForItsEnd()
    {
        var (old, name) = (NewName("caso"), NewName("otro"));
        var id = await RegisterAsync(old);
        await using var session = await PostgresServer.OpenAsync(
            Server.SuperuserUrl(Host.Master.Database), Cancellation);
        await ExecuteAsync(session, "BEGIN");
        await ExecuteAsync(session, Insert(name));
        var asked = await AskAsync(id, name);
        await Eventually.HoldsAsync("the rename waits", async () => await Host.ScalarAsync<bool>(
            Host.Master.Database, "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
            + "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"),
            Cancellation, TimeSpan.FromSeconds(20));

        await ExecuteAsync(session, "ROLLBACK");

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(asked)).State);
    }

    [Fact]
    public async Task Rename_SubdomainChangedByAnotherProgramSince_ChangesNothing()
    {
        var (old, name, other) = (NewName("pide"), NewName("quiere"), NewName("producto"));
        var id = await RegisterAsync(old);
        await Host.PauseWorkersAsync(true);
        var asked = await AskAsync(id, name);
        await WriteAsync($"UPDATE clientes_saas SET subdominio = '{other}' WHERE id = {id}");
        await Host.PauseWorkersAsync(false);

        Assert.Equal("renamed_meanwhile", (await Host.EndOfAsync(asked)).Error!.Code);
        Assert.Equal(other, (await RowAsync(id)).Subdomain);
        await AssertRefusedAsync(
            "renamed_meanwhile", () => Operations.RetryAsync(Host.Admin, asked, Cancellation));
    }

    [Fact]
    public async Task Cancel_BeforeTheRenameRuns_KeepsTheName()
    {
        var old = NewName("queda");
        var id = await RegisterAsync(old);
        await Host.PauseWorkersAsync(true);
        var asked = await AskAsync(id, NewName("nunca"));
        await Operations.CancelAsync(Host.Admin, asked, Cancellation);
        await Host.PauseWorkersAsync(false);

        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(asked)).State);
        Assert.Equal(old, (await RowAsync(id)).Subdomain);
        Assert.Empty(await AliasesAsync(id));
    }

    [Fact]
    public async Task Delete_BesideARename_IsRefusedAndALateRetryToo()
    {
        var (old, name) = (NewName("sale"), NewName("tarde"));
        var tenant = await ReadyAsync(old, "demo");
        await Host.PauseWorkersAsync(true);
        var rename = await AskAsync(tenant.Id, name);
        await AssertRefusedAsync("operation_running", () => DeleteAsync(tenant.Id, old));
        await WriteAsync(Insert(name));
        await Host.PauseWorkersAsync(false);
        Assert.Equal("subdominio_taken", (await Host.EndOfAsync(rename)).Error!.Code);

        await Host.PauseWorkersAsync(true);
        var deletion = await DeleteAsync(tenant.Id, old);
        await AssertRefusedAsync("is_deleting", () => AskAsync(tenant.Id, NewName("x")));
        await AssertRefusedAsync("is_deleting", () => Operations.RetryAsync(Host.Admin, rename, Cancellation));
        await Host.PauseWorkersAsync(false);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(deletion)).State);
        Assert.Equal(old, (await InTrashAsync(tenant.Id)).Subdomain);
        await AssertRefusedAsync("tenant_unknown", () => AskAsync(tenant.Id, NewName("x")));
        await AssertRefusedAsync("tenant_unknown", () => Operations.RetryAsync(Host.Admin, rename, Cancellation));
    }

    [Fact]
    public async Task Trash_RenamedTenant_KeepsItsFormerNameAndGetsItBack()
    {
        var (old, name) = (NewName("papel"), NewName("papelera"));
        var tenant = await ReadyAsync(old, "demo");
        await RenameAsync(tenant.Id, name);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(await DeleteAsync(tenant.Id, name))).State);

        // The alias leads nowhere, and no other tenant can have it. The present name is free, as for every tenant in
        // the trash.
        await LeadsToAsync(old, TenantRefusal.Unknown, null);
        await AssertRefusedAsync("subdominio_taken", () => RegisterAsync(old));
        var restore = await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(restore)).State);
        await LeadsToAsync(name, TenantRefusal.None, tenant.Id);
        await LeadsToAsync(old, TenantRefusal.Renamed, tenant.Id);
    }

    [Fact]
    public async Task Rename_ToTheNameOfATenantInTheTrash_IsRefusedBecauseItsDatabaseMayReturn()
    {
        var (trashed, own) = (NewName("tirado"), NewName("hereda"));
        var gone = await ReadyAsync(trashed, "demo");
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(await DeleteAsync(gone.Id, trashed))).State);
        var id = await RegisterAsync(own);

        await AssertRefusedAsync("db_name_taken", () => AskAsync(id, trashed));

        await AssertRefusedAsync("subdominio_taken",
            () => Host.Get<TrashService>().RestoreAsync(Host.Admin, gone.Id, own, Cancellation));
        var restore = await Host.Get<TrashService>()
            .RestoreAsync(Host.Admin, gone.Id, NewName("vuelve"), Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(restore)).State);
        Assert.Equal(gone.DatabaseName, (await RowAsync(gone.Id)).DatabaseName);
    }

    private Task<Guid> DeleteAsync(int id, string name) => Host.Get<TenantDeletion>().DeleteAsync(
        Host.Admin, id, new DeletionRequest(name, "fin", CoreHost.AdminPassword), Cancellation);
}
