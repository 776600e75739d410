using System.Runtime.Loader;
using Microsoft.AspNetCore.Hosting;
using Vigia.Tests.Lifecycle.SchemaUpgrades;

[assembly: HostingStartup(typeof(NextBuildStartup))]

namespace Vigia.Tests.Lifecycle.SchemaUpgrades
{
    /// <summary>
    /// Turns the real program, in a process of its own, into one of the next build (<see cref="NextBuild"/>).
    /// </summary>
    public sealed class NextBuildStartup : IHostingStartup
    {
        /// <summary>The variables that make .NET and ASP.NET load this assembly.</summary>
        public static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
        {
            ["DOTNET_STARTUP_HOOKS"] = typeof(NextBuildStartup).Assembly.Location,
            ["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = typeof(NextBuildStartup).Assembly.GetName().Name!,
        };

        public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(NextBuild.Use);
    }
}

// .NET looks for this name outside every namespace.
#pragma warning disable CA1050
internal static class StartupHook
{
    /// <summary>
    /// Resolves the dependencies of this assembly from its own folder, not from the program's folder.
    /// </summary>
    public static void Initialize()
    {
        var folder = Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            Path.Combine(folder, $"{name.Name}.dll") is var path && File.Exists(path)
                ? context.LoadFromAssemblyPath(path) : null;
    }
}
#pragma warning restore CA1050
