using CsCheck;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>The audit trail holds after every edit that is accepted, no matter which values its record has.</summary>
public sealed class AuditedEditTests(PostgresServer server) : AuditTestBase(server)
{
    // Numbers that JSON allows and that jsonb stores in another form or not at all.
    private static readonly Gen<string> Number = Gen.OneOf<string>(
        "0", "-0", "-0.0", "1.0", "1.00", "1.50", "1e3", "1E-5", "-1.5e+2", "1e1000", "1e-16383", "1e-16384",
        "1e131071", "1e131072", "1e400000", "0e400000", "0e-400000",
        "9007199254740993", "123456789012345678901234567890", "0.1e99999999999999999999");

    private static readonly Gen<string> Text = Gen.OneOf<string>(
        "\"\"", "\"á\"", "\"a\\u0301\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "\"😀\"", "\"a\\tb\\nc\"",
        "\"\\\\u0000\"", "\"<'&\\\"/\\/\"", "\"\\u200b\"", "\"\uffff\"");

    private static readonly Gen<string> Key =
        Gen.OneOf<string>("\"a\"", "\"\\u0061\"", "\"b\"", "\"ñ\"", "\"n\\u0303\"", "\"\"", "\"z z\"");
    private static readonly Gen<string> Leaf =
        Gen.OneOf<string>(Number, Text, Gen.OneOf<string>("true", "false", "null", "[]", "{}"));
    private static readonly Gen<string> Config =
        Object(Gen.OneOf<string>(
        Leaf, Object(Leaf), Leaf.Array[0, 3].Select(items => $"[{string.Join(" ,", items)}]")));

    private static readonly Gen<string> Name = Gen.OneOf<string>(
        Gen.String[0, 20], Gen.OneOf<string>(
            "Laboratorio Ñandú S.A.C.", "e\u0301", "\u00e9", " con espacios ", "nu\0lo", "\ud800", "a\u202eb", "😀",
            "a\nb", "'); DROP TABLE x; --"));

    private static readonly Gen<long?> Limit =
        Gen.OneOf<long?>(null, -1, 0, 1, 10, int.MaxValue, int.MaxValue + 1L, long.MaxValue);

    protected override bool Workers => false;

    [Fact]
    public async Task Edit_AnyAcceptedValue_KeepsTheTrailIntact()
    {
        var tenant = await RegisterAsync(NewName("editado"));
        var accepted = 0;

        await Gen.Select(Config, Name, Name, Limit, Gen.Int[0, 7]).SampleAsync(
            async edit =>
            {
                var (config, name, contact, limit, fields) = edit;
                var seen = TenantDetails.Of(await RowAsync(tenant));
                var wanted = seen with { Config = config };
                wanted = (fields & 1) == 0 ? wanted : wanted with { LegalName = name };
                wanted = (fields & 2) == 0 ? wanted : wanted with { ContactName = contact };
                wanted = (fields & 4) == 0 ? wanted
                    : wanted with { MaxUsers = limit, LimitIssuance = !seen.LimitIssuance };
                try
                {
                    accepted += (await Host.Get<TenantEditing>()
                        .UpdateAsync(Host.Admin, tenant, seen, wanted, Cancellation)).Count > 0 ? 1 : 0;
                }
                catch (InvalidInputException)
                {
                    // The edit was refused with a message, and nothing was written.
                    Assert.Equal(seen, TenantDetails.Of(await RowAsync(tenant)));
                }

                Assert.Empty((await VerifyAsync()).Findings);
            }, iter: 150, threads: 1);

        Assert.True(accepted > 10, $"{accepted}");
    }

    [Fact]
    public async Task Edit_DuplicateJsonKey_IsRefused()
    {
        var tenant = await RegisterAsync(NewName("doble"));
        var seen = TenantDetails.Of(await RowAsync(tenant));

        await AssertInvalidAsync(
            "config", "config_key_twice",
            () => Host.Get<TenantEditing>()
            .UpdateAsync(Host.Admin, tenant, seen, seen with { Config = """{"a":1,"a":2}""" }, Cancellation));
        await AssertInvalidAsync(
            "config", "config_number",
            () => Host.Get<TenantEditing>()
            .UpdateAsync(Host.Admin, tenant, seen, seen with { Config = """{"a":[{"b":1e400000}]}""" }, Cancellation));
    }

    [Fact]
    public async Task Record_WithAnyValues_VerifiesAsStored()
    {
        var value = Gen.OneOf<object?>(
            Name.Select(text => (object?)text), Gen.Double.Select(number => (object?)number),
            Gen.OneOf<object?>(double.NaN, double.NegativeInfinity, float.MaxValue, -0.0, 1.50m, decimal.MaxValue),
            Gen.Long.Select(number => (object?)number), Gen.DateTimeOffset.Select(at => (object?)at),
            Gen.Guid.Select(id => (object?)id), Gen.Bool.Select(yes => (object?)yes),
            Gen.Int.Array[0, 3].Select(items => (object?)items), Name.Array[0, 2].Select(items => (object?)items),
            Gen.OneOf<object?>(null, ""),
            Gen.OneOf<object?>(new DateOnly(2026, 11, 29), TimeSpan.FromTicks(1),
                new { Nombre = "á\0", Cifra = 1e300 }));

        await Gen.Select(Name, value, value, Name).SampleAsync(
            async record =>
            {
                var (name, before, after, reason) = record;
                await using var db = await Host.OpenMasterAsync();
                await Host.Get<AuditTrail>()
                    .CommitAsync(db, Host.Admin with { Name = name, Address = reason, Via = name },
                    new AuditEntry("test.happened")
                    {
                        Reason = reason,
                        Ruc = name,
                        Subdomain = reason,
                        Before = new Dictionary<string, object?> { [name] = before, ["x"] = after },
                        After = new Dictionary<string, object?> { ["x"] = after, [reason + "y"] = before },
                    }, Cancellation);
                Assert.Empty((await VerifyAsync()).Findings);
            }, iter: 150, threads: 1);
    }

    private static Gen<string> Object(Gen<string> value) =>
        Gen.Select(Key, value, (key, item) => $"{key}:{item}").Array[0, 4]
            .Select(pairs => "{" + string.Join(",", pairs) + "}");
}
