using Microsoft.AspNetCore.Authorization;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Api;

/// <summary>The right that a call requires. A test checks every call for it.</summary>
internal sealed record RightRequired(string Right);

/// <summary>The refusals of a call, in addition to those that every call may return.</summary>
internal sealed record Refusals(int Status, IReadOnlyList<string> Codes);

/// <summary>The answer of a successful call.</summary>
internal sealed record Answer(int Status, Type? Type, string ContentType = "application/json");

/// <summary>The body of a request.</summary>
internal sealed record Takes(Type Type, string ContentType = "application/json");

/// <summary>A header of an answer.</summary>
internal sealed record Sends(int Status, string Header);

/// <summary>A request header that a call uses.</summary>
internal sealed record Heeds(string Header);

/// <summary>
/// The metadata of a call, declared with its endpoint. The portal enforces it, and the OpenAPI document describes it.
/// </summary>
internal static class EndpointRules
{
    /// <summary>Requires a token with this right.</summary>
    public static RouteHandlerBuilder Right(this RouteHandlerBuilder call, string right) =>
        call.RequireAuthorization(
            new AuthorizeAttribute(RightPolicies.Of(right)) { AuthenticationSchemes = BearerTokens.SchemeName })
            .WithMetadata(new RightRequired(right));

    /// <summary>Declares the parameters of the query string. All others are refused.</summary>
    public static RouteHandlerBuilder Query(this RouteHandlerBuilder call, params QueryParameter[] parameters) =>
        call.WithMetadata(new QueryParameters(parameters));

    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder call) =>
        call.WithMetadata(new Takes(typeof(T)));

    /// <summary>Declares a body that may be absent.</summary>
    public static RouteHandlerBuilder TakesOptionally<T>(this RouteHandlerBuilder call) =>
        call.WithMetadata(new Takes(typeof(T)), new OptionalBody());

    public static RouteHandlerBuilder Gives<T>(this RouteHandlerBuilder call, int status) =>
        call.WithMetadata(new Answer(status, typeof(T)));

    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder call, int status, params string[] codes) =>
        call.WithMetadata(new Refusals(status, codes));

    /// <summary>Declares a header of the answer with this status.</summary>
    public static RouteHandlerBuilder Sends(this RouteHandlerBuilder call, int status, string header) =>
        call.WithMetadata(new Sends(status, header));

    /// <summary>
    /// A second request with the same <c>Idempotency-Key</c> and body gets the answer of the first one. After a crash
    /// <paramref name="replay"/> builds it from the record of one of the audited actions <paramref name="effects"/>.
    /// Once one of them is committed, the call is answered with success whatever fails then, also without a key
    /// (<see cref="DoneCalls"/>).
    /// </summary>
    public static RouteHandlerBuilder Idempotent(
        this RouteHandlerBuilder call, Replay replay, params string[] effects) =>
        call.WithMetadata(new Heeds(Idempotency.Header), new Replayed(replay, effects.ToHashSet()))
            .WithMetadata(DoneCalls.Answer, DoneCalls.Place).Refuses(409, "request_in_progress")
            .Refuses(422, "idempotency_key_reused", "invalid_input");
}
