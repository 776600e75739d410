using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;

namespace Vigia.Portal.Startup;

/// <summary><c>rewrap-keys</c>: the last step of changing the portal's secret (docs/operate.md).</summary>
internal static class RewrapCommand
{
    /// <exception cref="StartupException">
    /// The settings are wrong, the master can't be reached, or neither secret opens a key.
    /// </exception>
    internal static Task RunAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        var name = string.IsNullOrEmpty(configuration["PORTAL_SECRET_KEY"]) ? "SECRET_KEY" : "PORTAL_SECRET_KEY";
        return MasterCommand.RunAsync("rewrap-keys", configuration, async services =>
        {
            var done = await services.GetRequiredService<WrappedKeys>().RewrapAsync(cancellationToken);
            await Console.Out.WriteLineAsync(done.Rewrapped > 0
                ? $"{done.Rewrapped} key(s) wrapped with {name} now, {done.Unchanged} were already. "
                    + $"Restart every portal without {name}_PREVIOUS."
                : $"All {done.Unchanged} key(s) are wrapped with {name} already; nothing was done.");
        }, cancellationToken);
    }
}
