using System.Globalization;
using System.Runtime.InteropServices;
using Vigia.Core.Foundation.Errors;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Startup;

/// <summary>
/// The requirements for the machine: ICU, the cultures of the portal's languages, and the time zone of Lima. Checked
/// before anything else, because without them the program would end in a stack trace, some of it only after it has
/// migrated the master.
/// </summary>
internal static class MachineRequirements
{
    // The runtime looks for the same range of versions.
    private const int NewestIcu = 255;
    private const int OldestIcu = 50;

    /// <exception cref="StartupException">Something is missing. The message says how to install it.</exception>
    internal static void Demand()
    {
        // Must come first: the runtime ends the process, without an exception, at the first use of a culture.
        if (OperatingSystem.IsLinux() && !IsInvariant && !HasIcu())
        {
            throw new StartupException(
                "ICU is not installed, and Spanish texts are sorted and formatted with it.\n"
                    + "Install it: apt-get install libicu-dev, or apk add icu-libs icu-data-full.");
        }

        try
        {
            foreach (var culture in Preferences.Cultures)
            {
                CultureInfo.GetCultureInfo(culture);
            }
        }
        catch (CultureNotFoundException)
        {
            throw new StartupException(
                "The languages es-PE and en are not available: .NET runs in globalization-invariant mode.\n"
                    + "Remove DOTNET_SYSTEM_GLOBALIZATION_INVARIANT from the environment, and install ICU.");
        }

        // An ICU without its data knows the culture and writes months in English.
        if (!CultureInfo.GetCultureInfo("es-PE").DateTimeFormat.MonthNames[0]
            .Equals("enero", StringComparison.OrdinalIgnoreCase))
        {
            throw new StartupException(
                "ICU has no Spanish data, and dates would be written in English.\n"
                    + "Install all of its data: apk add icu-data-full.");
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById("America/Lima", out _))
        {
            throw new StartupException(
                "The time zone America/Lima is not available, and days, months and nights are Lima's.\n"
                    + "Install the time zone data: apt-get install tzdata, or apk add tzdata; and check TZDIR.");
        }
    }

    private static bool IsInvariant =>
        Environment.GetEnvironmentVariable("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT") is "1" or "true"
        || Environment.GetEnvironmentVariable("DOTNET_SYSTEM_GLOBALIZATION_APPLOCALICU") is { Length: > 0 };

    private static bool HasIcu()
    {
        if (Found("libicuuc.so"))
        {
            return true;
        }

        for (var version = OldestIcu; version <= NewestIcu; version++)
        {
            if (Found("libicuuc.so." + version))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Found(string library)
    {
        if (!NativeLibrary.TryLoad(library, out var handle))
        {
            return false;
        }

        NativeLibrary.Free(handle);
        return true;
    }
}
