using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Vigia.Core.Foundation.Configuration;

/// <summary>
/// A setting that makes a protection stronger or weaker. Each feature registers its own. The start warns of those that
/// are off, and records those that have changed. See docs/decisions/staff.md#d213.
/// </summary>
/// <param name="Name">The name as a person writes it.</param>
/// <param name="Value">Its present value as text. Never a secret.</param>
/// <param name="Danger">The harm that this value allows. Null for a value that protects.</param>
public sealed record SafetySetting(string Name, Func<string> Value, Func<string?> Danger)
{
    // A throttle that allows so many times its default stops nobody.
    private const int FarBeyond = 10;

    /// <summary>The danger of a number of free tries that is far beyond the usual one; null for any other.</summary>
    internal static string? Guessed(int free, int usual) =>
        free > FarBeyond * usual ? $"passwords can be guessed; the default is {usual}" : null;
}

public static class SafetySettingServices
{
    /// <summary>Registers a setting of the options <typeparamref name="TOptions"/>.</summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="name">The name of the setting.</param>
    /// <param name="value">Reads the value, which is written in English as it is stored. Never a secret.</param>
    /// <param name="danger">Says what can happen with the present value; null for a value that protects.</param>
    public static IServiceCollection AddSafetySetting<TOptions>(
        this IServiceCollection services, string name, Func<TOptions, object> value,
        Func<TOptions, string?>? danger = null)
        where TOptions : class
    {
        services.AddOptions<TOptions>();
        return services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<TOptions>>();
            return new SafetySetting(
                name, () => FormattableString.Invariant($"{value(options.Value)}"),
                () => danger?.Invoke(options.Value));
        });
    }
}
