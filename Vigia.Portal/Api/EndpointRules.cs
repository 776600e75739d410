using Microsoft.AspNetCore.Authorization;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Api;

/// <summary>The right that a call asks for; a test walks every call by it.</summary>
internal sealed record RightRequired(string Right);

/// <summary>What a call may answer when it refuses, beside what every call may.</summary>
internal sealed record Refusals(int Status, IReadOnlyList<string> Codes);

/// <summary>What a call answers when it does what was asked.</summary>
internal sealed record Answer(int Status, Type? Type, string ContentType = "application/json");

/// <summary>The body that a call takes.</summary>
internal sealed record Takes(Type Type);

/// <summary>A header that an answer has.</summary>
internal sealed record Sends(int Status, string Header);

/// <summary>A header that a call heeds.</summary>
internal sealed record Heeds(string Header);

/// <summary>What is said of a call where it is made: checked by the portal, and read out by the OpenAPI document.</summary>
internal static class EndpointRules
{
    /// <summary>Only with a token that gives this right.</summary>
    public static RouteHandlerBuilder Right(this RouteHandlerBuilder call, string right) =>
        call.RequireAuthorization(new AuthorizeAttribute(RightPolicies.Of(right)) { AuthenticationSchemes = BearerTokens.SchemeName }).WithMetadata(new RightRequired(right));

    /// <summary>The parameters of the query string; any other is refused.</summary>
    public static RouteHandlerBuilder Query(this RouteHandlerBuilder call, params QueryParameter[] parameters) => call.WithMetadata(new QueryParameters(parameters));

    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder call) => call.WithMetadata(new Takes(typeof(T)));

    /// <summary>The body may be left out.</summary>
    public static RouteHandlerBuilder TakesOptionally<T>(this RouteHandlerBuilder call) => call.WithMetadata(new Takes(typeof(T)), new OptionalBody());

    public static RouteHandlerBuilder Gives<T>(this RouteHandlerBuilder call, int status) => call.WithMetadata(new Answer(status, typeof(T)));

    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder call, int status, params string[] codes) => call.WithMetadata(new Refusals(status, codes));

    /// <summary>An answer with this status has this header.</summary>
    public static RouteHandlerBuilder Sends(this RouteHandlerBuilder call, int status, string header) => call.WithMetadata(new Sends(status, header));

    /// <summary>A second request with the same <c>Idempotency-Key</c> and body gets the first one's answer.</summary>
    public static RouteHandlerBuilder Idempotent(this RouteHandlerBuilder call) =>
        call.WithMetadata(new Heeds(Idempotency.Header)).Refuses(409, "request_in_progress").Refuses(422, "idempotency_key_reused", "invalid_input");
}
