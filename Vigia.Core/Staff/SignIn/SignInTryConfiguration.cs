using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Staff.SignIn;

internal sealed class SignInTryConfiguration : IEntityTypeConfiguration<SignInTry>
{
    public void Configure(EntityTypeBuilder<SignInTry> tries)
    {
        tries.ToTable("sign_in_tries");
        tries.HasKey(t => t.Key);
    }
}
