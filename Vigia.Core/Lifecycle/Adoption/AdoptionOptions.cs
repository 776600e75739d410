using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>Section <c>Adoption</c>: whether this installation adopts databases.</summary>
public sealed class AdoptionOptions
{
    public const string Section = "Adoption";

    /// <summary>
    /// Whether databases are looked at and adopted. Off by default: the owner of such a database can have code in it
    /// that runs with the portal's rights. See docs/decisions/adoption.md#d378.
    /// </summary>
    public bool Enabled { get; set; }

    /// <exception cref="RuleException"><c>adoption_off</c>.</exception>
    internal void Demand()
    {
        if (!Enabled)
        {
            throw new RuleException("adoption_off");
        }
    }
}
