using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.TenantSide;

/// <summary>Section <c>TenantSide</c>: how the users of tenants sign in.</summary>
public sealed class TenantSideOptions
{
    public const string Section = "TenantSide";

    /// <summary>
    /// The number of wrong passwords from one source (an address, or a /64 network of IPv6) without a wait, over all
    /// tenants. Each further try has to wait longer. A whole company may share one address.
    /// </summary>
    [Range(1, 100_000)]
    public int FailedSignInsPerAddress { get; set; } = 60;

    /// <summary>Wrong passwords for one account that are free. Each further one has to wait longer.</summary>
    [Range(1, 100_000)]
    public int FailedSignInsPerAccount { get; set; } = 5;

    /// <summary>
    /// The cost of bcrypt: that of new passwords, and of the work for names that nobody has. The product's back end
    /// should use the same, so that the time of an answer says nothing about a name.
    /// </summary>
    [Range(10, 15)]
    public int BcryptCost { get; set; } = 12;
}
