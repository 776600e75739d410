using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Tells people by mail what was done to their account, so that they notice what they did not do themselves. Written in
/// the transaction of its cause, in Spanish like all mail of the portal.
/// </summary>
public sealed class AccountMails(Outbox outbox, TimeProvider time)
{
    private static readonly CultureInfo Spanish = CultureInfo.GetCultureInfo("es-PE");
    private static readonly TimeSpan WorthSending = TimeSpan.FromDays(3);

    /// <summary>
    /// Writes the mail about a sign-in on a browser that the person has not used before; the caller commits.
    /// </summary>
    public Task AddSignInAsync(
        MasterContext db, Guid staffId, string userAgent, string? address, CancellationToken cancellationToken) =>
        AddAsync(db, staffId, AccountNews.SignIn, [userAgent], address, cancellationToken);

    /// <summary>
    /// Writes the mail; the caller commits. <paramref name="code"/> is the message that says what was done, one of
    /// <see cref="AccountNews"/>, with <paramref name="args"/>. <paramref name="address"/> is where the request came
    /// from. Does nothing when mail is not configured.
    /// </summary>
    internal async Task AddAsync(
        MasterContext db, Guid staffId, string code, string[] args, string? address,
        CancellationToken cancellationToken)
    {
        if (!outbox.IsConfigured)
        {
            return;
        }

        var person = await db.Users.Where(s => s.Id == staffId).Select(s => new { s.FullName, s.Email })
            .SingleAsync(cancellationToken);
        var now = time.GetUtcNow();
        var news = new Message(code, args).Render(Spanish);
        var clock = LimaTime.Exact(now, Spanish);
        var subject = new Message("mail_account_subject", news).Render(Spanish);
        var body = new Message("mail_account_body", person.FullName, news, clock, address ?? "-").Render(Spanish);
        outbox.Add(
            db, new OutgoingMail(Outbox.StaffNotice, person.Email!, subject, body, now + WorthSending), null, staffId);
    }
}

/// <summary>The codes of the messages that inform a person about their account.</summary>
internal static class AccountNews
{
    public const string Password = "mail_account_password";
    public const string SecondFactor = "mail_account_second_factor";
    public const string RecoveryCodes = "mail_account_recovery_codes";
    public const string Passkey = "mail_account_passkey";
    public const string Token = "mail_account_token";
    public const string CompanyAccount = "mail_account_oidc";
    public const string Reset = "mail_account_reset";
    public const string SignIn = "mail_account_sign_in";
}
