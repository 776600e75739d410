using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A case that supports a signal.</summary>
[Table("senal_casos"), Comment("A case that supports a signal. [decided]")]
[Lookup("cases of a signal; a case once", nameof(SenalId), nameof(IcsrId), IsUnique = true)]
public sealed class SignalCase
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("The signal. [decided]"), References(typeof(Signal), OnDelete = DeleteBehavior.Cascade)]
    public int SenalId { get; set; }

    [Comment("The case. [decided]"), References(typeof(Icsr), OnDelete = DeleteBehavior.Cascade)]
    public int IcsrId { get; set; }
}
