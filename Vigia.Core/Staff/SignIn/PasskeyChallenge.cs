using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// A challenge that the portal gave to a browser for a passkey and that has not come back yet. Only its hash is stored.
/// </summary>
public sealed class PasskeyChallenge
{
    public required byte[] Hash { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class PasskeyChallengeConfiguration : IEntityTypeConfiguration<PasskeyChallenge>
{
    public void Configure(EntityTypeBuilder<PasskeyChallenge> challenge)
    {
        challenge.ToTable("passkey_challenges");
        challenge.HasKey(c => c.Hash);
        challenge.HasIndex(c => c.ExpiresAt);
    }
}
