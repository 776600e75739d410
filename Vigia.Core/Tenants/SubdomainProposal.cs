using System.Text;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>Proposes a sub-domain from a legal name: ñ becomes n, accents and company forms are removed.</summary>
public static class SubdomainProposal
{
    private const int Comfortable = 30;

    // People write them with or without dots; they are compared after the dots are removed.
    private static readonly HashSet<string> CompanyForms =
        ["sa", "saa", "sac", "sacs", "srl", "srltda", "scrl", "eirl", "ltda", "cia", "scs", "snc", "inc", "corp", "llc",
            "peru", "del", "de", "la", "el", "los", "las", "y", "e"];

    /// <returns>A valid sub-domain; the empty string when the name contains nothing usable.</returns>
    public static string From(string? legalName)
    {
        if (SafeText.Problem(legalName) is not null)
        {
            return "";
        }

        var words = SafeText.Fold((legalName ?? "").Replace(".", "", StringComparison.Ordinal)).Split(
            [.. (legalName ?? "").Where(c => !char.IsLetterOrDigit(c) && c != '.').Distinct(), ' '],
            StringSplitOptions.RemoveEmptyEntries);
        var proposal = new StringBuilder();
        foreach (var word in words.Where(w => !CompanyForms.Contains(w)).Select(AsciiOnly).Where(w => w.Length > 0))
        {
            if (proposal.Length + word.Length >= Comfortable && proposal.Length > 0)
            {
                break;
            }

            proposal.Append(proposal.Length > 0 ? "-" : "").Append(word);
        }

        var text = proposal.Length > Subdomain.MaxLength ? proposal.ToString(0, Subdomain.MaxLength)
            : proposal.ToString();
        return Subdomain.Problem(text) is null ? text : "";
    }

    private static string AsciiOnly(string word) =>
        new([.. word.Where(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))]);
}
