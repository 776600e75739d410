using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Isolation;

internal sealed class IsolationConfiguration : IEntityTypeConfiguration<IsolationProof>
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = new LowerCase(),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public void Configure(EntityTypeBuilder<IsolationProof> proof)
    {
        proof.ToTable("isolation_proofs");
        proof.Property(p => p.Id).ValueGeneratedNever();
        proof.Property(p => p.Attempts).HasColumnType("jsonb").HasConversion(
            attempts => JsonSerializer.Serialize(attempts, Json),
            text => JsonSerializer.Deserialize<List<IsolationAttempt>>(text, Json)!,
            new ValueComparer<IReadOnlyList<IsolationAttempt>>((a, b) => ReferenceEquals(a, b), a => a.Count, a => a));

        // The newest of a client, those of a client in order, and what is wrong now.
        proof.HasIndex(p => p.TenantId, "ix_isolation_proofs_last").IsUnique().HasFilter("is_last");
        proof.HasIndex(p => new { p.TenantId, p.FinishedAt }, "ix_isolation_proofs_tenant");
        proof.HasIndex(p => p.Verdict, "ix_isolation_proofs_not_held").HasFilter("is_last AND verdict <> 'held'");
        proof.HasIndex(p => p.FinishedAt, "ix_isolation_proofs_finished");
    }

    // sqlstate is one word, as PostgreSQL has it.
    private sealed class LowerCase : JsonNamingPolicy
    {
#pragma warning disable CA1308 // Lower case is the stored form.
        public override string ConvertName(string name) => name.ToLowerInvariant();
#pragma warning restore CA1308
    }
}
