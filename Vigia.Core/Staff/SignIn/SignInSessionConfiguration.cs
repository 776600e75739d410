using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

internal sealed class SignInSessionConfiguration :
    IEntityTypeConfiguration<SignInSession>
{
    public void Configure(EntityTypeBuilder<SignInSession> session)
    {
        session.ToTable("staff_sessions");
        session.Property(s => s.UserAgent).HasMaxLength(400);
        session.Property(s => s.Method).HasMaxLength(40);
        session.HasIndex(s => s.StaffId).HasDatabaseName("ix_staff_sessions_open").HasFilter("ended_at IS NULL");
        session.BelongsToStaff(nameof(SignInSession.StaffId));
    }
}
