using System.Collections;
using System.Data.Common;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Operations;
using Vigia.Portal;
using Vigia.Portal.Api;
using Vigia.Portal.Api.TenantSide;
using Vigia.Portal.Components;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Architecture;

/// <summary>
/// Services that act for a person live as long as the request or the circuit. A service that holds state for the
/// process is a singleton and says so.
/// </summary>
public sealed partial class LifetimeTests
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Type[] Containers =
        [typeof(IEnumerable), typeof(SemaphoreSlim), typeof(Lock), typeof(IAsyncDisposable)];

    // Their content does not change after they were made.
    private static readonly Type[] Constant = [typeof(string), typeof(Array), typeof(DbConnectionStringBuilder)];

    [Theory]
    [InlineData(InstanceRoles.All)]
    [InlineData(InstanceRoles.Staff)]
    [InlineData(InstanceRoles.Tenant)]
    [InlineData(InstanceRoles.Worker)]
    public void Services_AllOfThem_CanBeMadeInTheirLifetimes(InstanceRoles roles)
    {
        using var provider = Services(roles).BuildServiceProvider(
            new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        Assert.NotNull(provider.GetRequiredService<OperationCatalog>());
    }

    [Fact]
    public void Services_ThatActForAPerson_AreScoped()
    {
        var services = Services();
        var taken = Singletons(services).SelectMany(type => type.GetConstructors(Instance))
            .SelectMany(c => c.GetParameters()).Select(p => p.ParameterType).ToHashSet();
        var found = services.Select(s => (s.Lifetime, Type: s.ImplementationType))
            .Where(s => s.Type?.Assembly == typeof(VigiaCore).Assembly && ActsForAPerson(s.Type)).ToList();

        Assert.True(found.Count > 30, $"{found.Count} services found");

        // A worker acts for the person who requested its operation. It has no request, so what it uses is a singleton.
        Assert.Equal([], found.Where(s => s.Lifetime != ServiceLifetime.Scoped && !taken.Contains(s.Type!))
            .Select(s => s.Type!.Name));
    }

    [Fact]
    public void Singletons_ThatHoldState_SayWhich()
    {
        var said = Said();
        var holders = Singletons(Services()).Where(HoldsState).Select(type => type.Name).Distinct().ToList();

        Assert.True(holders.Count > 5, $"{holders.Count} found");
        var silent = holders.Where(name => !said.Contains(name)).ToList();
        Assert.True(silent.Count == 0, string.Join(", ", silent));
    }

    [Fact]
    public void Classes_DocumentedAsHoldingState_AreSingletons()
    {
        var singletons = Singletons(Services()).Select(type => type.Name).ToHashSet();

        Assert.Equal([], Said().Where(name => !singletons.Contains(name)));
    }

    private static IServiceCollection Services(InstanceRoles roles = InstanceRoles.All)
    {
        var settings = new VigiaSettings
        {
            MasterDatabase = PostgresUrl.Parse("postgresql://portal@localhost/none"),
            BaseDomain = "vigia.test",
            SecretKey = CoreHost.Secret,
            Roles = roles,
        };
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddVigiaCore(settings);
        builder.AddPortalUi();
        builder.AddPortalApi();
        builder.AddTenantSide(settings);
        return builder.Services;
    }

    private static IEnumerable<Type> Singletons(IServiceCollection services) =>
        from service in services
        where service.Lifetime == ServiceLifetime.Singleton && !service.IsKeyedService
        let type = service.ImplementationType ?? service.ImplementationInstance?.GetType()
            ?? service.ServiceType
        where type.Assembly == typeof(VigiaCore).Assembly || type.Assembly == typeof(PortalUrls).Assembly
        select type;

    private static bool ActsForAPerson(Type type) =>
        !type.IsSubclassOf(typeof(OperationDefinition)) && type.GetMethods(BindingFlags.Instance | BindingFlags.Public)
            .Any(method => method.GetParameters().Any(p => p.ParameterType == typeof(Actor)));

    // The parameters of a primary constructor are fields too, with names such as <audit>P. They never change.
    private static bool HoldsState(Type type) =>
        !type.IsInterface && type.GetMethod("<Clone>$") is null && type.GetFields(Instance)
            .Where(field => field.DeclaringType?.Namespace?.StartsWith("Vigia.", StringComparison.Ordinal) == true)
            .Any(field => !field.Name.EndsWith(">P", StringComparison.Ordinal)
                && (!field.IsInitOnly || Changes(field.FieldType)));

    private static bool Changes(Type type) =>
        Containers.Any(c => c.IsAssignableFrom(type)) && !Constant.Any(c => c.IsAssignableFrom(type))
            && !type.Name.StartsWith("IReadOnly", StringComparison.Ordinal);

    private static HashSet<string> Said() =>
    [
        .. from project in new[] { "Vigia.Core", "Vigia.Portal" }
           from file in SourceFiles.Of(project, "*.cs")
           from Match summary in StateInSummary().Matches(File.ReadAllText(file))
           select summary.Groups[1].Value,
    ];

    [GeneratedRegex(@"^///(?: <summary>)? *(?:[^\n]* )?State of the process: [^\n]*\n"
        + @"(?:// [^\n]*\n|///[^\n]*\n)*[\w ]*\bclass (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex StateInSummary();
}
