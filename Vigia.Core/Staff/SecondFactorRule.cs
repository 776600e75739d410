using Vigia.Core.Configuration;

namespace Vigia.Core.Staff;

/// <summary>Who has to use a second factor by the setting <c>Staff:RequireSecondFactor</c> and has none: they get no API token.</summary>
public static class SecondFactorRule
{
    public static bool IsMissing(SecondFactorDemand demand, bool hasSecondFactor, IReadOnlyCollection<string> roles) => !hasSecondFactor && demand switch
    {
        SecondFactorDemand.Everyone => true,
        SecondFactorDemand.Administrators => roles.Contains(StaffRoles.Administrator),
        _ => false,
    };
}
