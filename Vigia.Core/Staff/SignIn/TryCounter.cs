using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// A counter of wrong tries: whose tries they are, how many are free, and how fast they are forgotten.
/// </summary>
/// <param name="Subject">Whose tries: the kind of counter and an id or a name.</param>
/// <param name="Free">The number of tries after which the next one has to wait.</param>
/// <param name="Forgets">The time after which one of them is forgotten.</param>
/// <param name="IsShared">
/// Whether others share it, so that one person's success does not excuse the others' failures.
/// </param>
internal sealed record TryCounter(string Subject, int Free, TimeSpan Forgets, bool IsShared)
{
    private static readonly TimeSpan ForgetsPerson = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ForgetsSource = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The counters that keep a member out of every unknown browser: wrong passwords, and wrong codes after each first
    /// step.
    /// </summary>
    public static IReadOnlyList<TryCounter> OfMember(StaffMember member, StaffOptions options) =>
    [
        OfAccount(member.NormalizedEmail ?? "", options),
        .. SignInMethods.BeforeCode.Select(first => OfFirstStep(member.Id, first, options)),
    ];

    /// <summary>The counters that keep a member out of a browser on which they signed in before.</summary>
    public static IReadOnlyList<TryCounter> OfBrowser(StaffMember member, Guid device, StaffOptions options)
    {
        var here = new SignInOrigin(null, device);
        return [.. OfPassword(member.NormalizedEmail ?? "", here, options),
            .. SignInMethods.BeforeCode.SelectMany(first => OfCode(member.Id, first, here, options))];
    }

    /// <summary>
    /// The counters of a try with a password: those of the known browser, or else of the source and the account.
    /// </summary>
    public static IReadOnlyList<TryCounter> OfPassword(string account, SignInOrigin origin, StaffOptions options) =>
        origin.Device is { } device ? [OfPerson($"device|{device:N}|{account}", options)]
            : [OfSource(origin, options), OfAccount(account, options)];

    /// <summary>
    /// The counters of a try with a code. Only people who passed the first step count here, and each first step counts
    /// apart. The source does not count: wrong passwords that others send from there must not block the codes of people
    /// who come through the identity provider.
    /// </summary>
    public static IReadOnlyList<TryCounter> OfCode(
        Guid staffId, string first, SignInOrigin origin, StaffOptions options) =>
        [origin.Device is { } device ? OfPerson($"device-code|{device:N}|{first}|{staffId:N}", options)
            : OfFirstStep(staffId, first, options)];

    /// <summary>
    /// The counter of proofs that a signed-in person gives again. Each sign-in and each token counts apart, so that
    /// wrong tries elsewhere do not reach it.
    /// </summary>
    public static IReadOnlyList<TryCounter> OfProof(Actor actor, StaffOptions options) =>
        [OfPerson($"proof|{actor.SignInId ?? actor.StaffId:N}", options)];

    private static TryCounter OfAccount(string account, StaffOptions options) =>
        OfPerson($"account|{account}", options);

    private static TryCounter OfFirstStep(Guid staffId, string first, StaffOptions options) =>
        OfPerson($"code|{first}|{staffId:N}", options);

    private static TryCounter OfPerson(string subject, StaffOptions options) =>
        new(subject, options.FailedSignInsPerAccount, ForgetsPerson, IsShared: false);

    private static TryCounter OfSource(SignInOrigin origin, StaffOptions options) =>
        new($"source|{origin.Source}", options.FailedSignInsPerAddress, ForgetsSource, IsShared: true);
}
