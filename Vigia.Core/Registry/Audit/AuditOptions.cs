using System.ComponentModel.DataAnnotations;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Text;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// The destinations of the signed heads of the audit trail, from section <c>Audit</c>. They are exported every night.
/// </summary>
public sealed class AuditOptions : IValidatableObject
{
    public const string Section = "Audit";

    /// <summary>The value of <see cref="HeadRecipients"/> for no mail.</summary>
    public const string Nobody = "none";

    /// <summary>
    /// A folder outside the reach of the database's owner, used by this portal only. Empty for none. The private
    /// PostgreSQL has one beside its data.
    /// </summary>
    [SettingExample("/var/lib/vigia/audit-heads")]
    public string HeadFolder { get; set; } = "";

    /// <summary>
    /// Addresses, separated by commas, that receive the head by mail. Empty for all administrators, <c>none</c> for
    /// nobody. Needs <c>Mail:Host</c>.
    /// </summary>
    [SettingExample("auditoria@example.com")]
    public string HeadRecipients { get; set; } = "";

    internal bool SendsToNobody => string.Equals(HeadRecipients.Trim(), Nobody, StringComparison.OrdinalIgnoreCase);

    internal IReadOnlyList<string> Addresses =>
        SendsToNobody ? [] : HeadRecipients.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Addresses.FirstOrDefault(address => EmailAddress.Problem(address) is not null) is { } wrong)
        {
            yield return new ValidationResult($"\"{wrong}\" is not an e-mail address", [nameof(HeadRecipients)]);
        }

        if (HeadFolder.Length > 0 && !Path.IsPathFullyQualified(HeadFolder))
        {
            yield return new ValidationResult("it is a full path", [nameof(HeadFolder)]);
        }
    }
}
