using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Lifecycle.Isolation;

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

        // For the newest proof of a database, all proofs of a tenant in order, and the proofs that show a problem now.
        proof.HasIndex(p => p.DatabaseId).HasDatabaseName("ix_isolation_proofs_last").IsUnique().HasFilter("is_last");
        proof.HasIndex(p => new { p.TenantId, p.FinishedAt }).HasDatabaseName("ix_isolation_proofs_tenant");
        proof.HasIndex(p => p.Verdict).HasDatabaseName("ix_isolation_proofs_not_held")
            .HasFilter("is_last AND verdict <> 'held'");
        proof.HasIndex(p => p.FinishedAt).HasDatabaseName("ix_isolation_proofs_finished");
    }

    // Makes "sqlstate" one word, as PostgreSQL writes it.
    private sealed class LowerCase : JsonNamingPolicy
    {
#pragma warning disable CA1308 // Lower case is the stored form.
        public override string ConvertName(string name) => name.ToLowerInvariant();
#pragma warning restore CA1308
    }
}
