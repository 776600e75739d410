using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Team;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Foundation.Access;

/// <summary>
/// No method reveals the name of another tenant, or of staff who did nothing to the own one, to an auditor whose scope
/// is one tenant.
/// </summary>
public sealed class ScopeTests(PostgresServer server) : CoreTestBase(server)
{
    [Fact]
    public async Task Methods_ByALimitedAuditor_NameNoOtherTenantAndNoStaff()
    {
        var own = await RegisterAsync(NewName("propio"));
        var rival = await ReadyAsync(NewName("competidor"));
        var auditor = new Actor(Guid.NewGuid(), "Aurora Auditora", null, [StaffRoles.Auditor]) { TenantScope = [own] };
        string[] hidden =
        [
            rival.Subdomain!, rival.Ruc!, Host.Support.Name, "saul@vigia.test", "Rita Solicitante", "Ivana Invitada",
            "ivana@vigia.test",
        ];
        await AnnounceAsync("Rita Solicitante", "Ivana Invitada", "ivana@vigia.test");
        var (told, asked) = (new List<string>(), 0);
        foreach (var method in Readers())
        {
            foreach (var arguments in Calls(method, auditor, own, rival))
            {
                await using var scope = Host.Services.CreateAsyncScope();
                var answer = await AnswerAsync(method, scope.ServiceProvider, arguments);
                asked += answer.Length > 0 ? 1 : 0;
                if (hidden.Any(name => answer.Contains(name, StringComparison.OrdinalIgnoreCase)))
                {
                    told.Add($"{method.DeclaringType!.Name}.{method.Name}: {answer}");
                }
            }
        }

        Assert.Empty(told);
        Assert.True(asked > 15, $"{asked} answers");
    }

    [Fact]
    public async Task Lists_ByALimitedAuditor_HaveTheirTenantOnly()
    {
        var own = await RegisterAsync(NewName("propio"));
        await RegisterAsync(NewName("competidor"));
        var auditor = new Actor(Guid.NewGuid(), "Aurora Auditora", null, [StaffRoles.Auditor]) { TenantScope = [own] };
        var page = await Host.Get<TenantSearch>().SearchAsync(auditor, new TenantQuery(), Cancellation);
        Assert.Equal([own], page.Items.Select(t => t.Id));
        Assert.Equal(1, page.Total);
        Assert.Equal(1, (await Host.Get<RegistryFigures>().CountAsync(auditor, Cancellation)).Total);
        Assert.Empty((await Host.Get<TenantSearch>()
            .SearchAsync(auditor with { TenantScope = [] }, new TenantQuery(), Cancellation)).Items);
    }

    // A request that makes an administrator tomorrow, which all staff without a limit see.
    private async Task AnnounceAsync(string requester, string name, string email)
    {
        await using var db = await Host.OpenMasterAsync();
        var now = DateTimeOffset.UtcNow;
        db.Add(new Approval
        {
            Action = StaffRequestKind.Invite.Action(), RequestedBy = Host.Admin.StaffId!.Value,
            RequestedByName = requester, RequestedAt = now, ExpiresAt = now.AddDays(3), EffectiveAt = now.AddDays(1),
            Reason = "",
            Seen = JsonSerializer.Serialize(new StaffRequestContent { FullName = name, Email = email }),
        });
        await db.SaveChangesAsync(Cancellation);
        Assert.NotEmpty(await Host.Get<StaffNotices>().AnnouncedAsync(Host.Support, Cancellation));
    }

    private static IEnumerable<MethodInfo> Readers() =>
        from type in typeof(VigiaCore).Assembly.GetExportedTypes()
        where type.IsClass && !type.IsAbstract
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where typeof(Task).IsAssignableFrom(method.ReturnType)
            && method.GetParameters().Any(p => p.ParameterType == typeof(Actor))
        select method;

    // Calls by id, by name, by RUC, and without any of them.
    private static IEnumerable<object?[]> Calls(MethodInfo method, Actor auditor, int own, Tenant rival) =>
        from text in new[] { null, "", rival.Subdomain, rival.Ruc }
        from id in new[] { own, rival.Id }
        select method.GetParameters().Select(p => Argument(p, auditor, text, id)).ToArray();

    private static object? Argument(ParameterInfo parameter, Actor auditor, string? text, int id) =>
        parameter.ParameterType switch
        {
            var type when type == typeof(Actor) => auditor,
            var type when type == typeof(CancellationToken) => Cancellation,
            var type when type == typeof(string) => text,
            var type when type == typeof(int) =>
                parameter.Name!.EndsWith("Id", StringComparison.OrdinalIgnoreCase) ? id : 20,
            var type when type == typeof(DateTimeOffset) => DateTimeOffset.UtcNow.AddDays(-1),
            var type when typeof(IReadOnlyCollection<int>).IsAssignableFrom(type)
                || type == typeof(IReadOnlyCollection<int>) => new[] { id },
            var type when type == typeof(TenantQuery) => new TenantQuery { Q = text },
            var type when type.IsValueType => Activator.CreateInstance(type),
            var type when type.GetConstructor(Type.EmptyTypes) is not null => Activator.CreateInstance(type),
            _ => null,
        };

    private static async Task<string> AnswerAsync(MethodInfo method, IServiceProvider services, object?[] arguments)
    {
        try
        {
            var task = (Task)method.Invoke(services.GetRequiredService(method.DeclaringType!), arguments)!;
            await task;
            return task.GetType().GetProperty("Result")
                ?.GetValue(task) is { } result ? JsonSerializer.Serialize(result, Everything) : "";
        }
#pragma warning disable CA1031 // A refusal of invalid arguments must not name anybody either.
        catch (Exception e)
        {
            return (e.InnerException ?? e).Message;
        }
#pragma warning restore CA1031
    }

    private static readonly JsonSerializerOptions Everything =
        new() { ReferenceHandler = System.Text.Json.Serialization.ReferenceHandler.IgnoreCycles };
}
