using System.Globalization;
using Vigia.Benchmarks;
using Vigia.Benchmarks.Pages;

// Each measurement runs in the same process as its floor, one round of each in turn, so that the machine and its load
// affect both.
using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; cancel.Cancel(); };
// These two start the portal itself, and so does the last one for its API; a further argument names a published one.
if (args is ["pages" or "circuits", ..])
{
    var isOfPages = args[0] == "pages";
    using var portal = await PublishedPortal.PrepareAsync(args.ElementAtOrDefault(1), cancel.Token);
    await using var own = await World.StartAsync(cancel.Token, workers: isOfPages);
    Console.WriteLine(await own.ServerVersionAsync(cancel.Token));
    var hold = isOfPages ? await PagesBenchmark.RunAsync(own, portal.Program, rounds: 7, cancel.Token)
        : await CircuitsBenchmark.RunAsync(own, portal.Program, rounds: 5, cancel.Token);
    return hold ? 0 : 1;
}

if (args is ["tenancy", ..])
{
    var times = int.Parse(args.ElementAtOrDefault(1) ?? "5", CultureInfo.InvariantCulture);
    await using var many = await World.StartAsync(cancel.Token);
    Console.WriteLine(await many.ServerVersionAsync(cancel.Token));
    var tenantCount = args.ElementAtOrDefault(2) is { } count ? int.Parse(count, CultureInfo.InvariantCulture)
        : (int?)null;
    return await TenancyBenchmark.RunAsync(many, times, tenantCount, cancel.Token) ? 0 : 1;
}

var isRegistry = args is ["registry", ..];
var isResolve = args is ["resolve", ..];
var isLogin = args is ["login", ..];
var rounds = args.Skip(isRegistry || isResolve || isLogin ? 1 : 0).FirstOrDefault() is { } number
    ? int.Parse(number, CultureInfo.InvariantCulture) : 30;
if (isResolve)
{
    await using var tenants = await World.StartAsync(cancel.Token, workers: false);
    return await ResolveBenchmark.RunAsync(tenants, rounds, cancel.Token) ? 0 : 1;
}

if (isLogin)
{
    await using var one = await World.StartAsync(cancel.Token);
    return await LoginBenchmark.RunAsync(one, rounds, cancel.Token) ? 0 : 1;
}

if (isRegistry)
{
    using var portal = await PublishedPortal.PrepareAsync(args.ElementAtOrDefault(2), cancel.Token);
    await using var large = await World.StartAsync(cancel.Token, workers: false);
    Console.WriteLine(
        $"{await large.ServerVersionAsync(cancel.Token)}, {rounds} rounds, {RegistryData.Tenants:N0} tenants");
    return await RegistryBenchmark.RunAsync(large, portal.Program, rounds, cancel.Token) ? 0 : 1;
}

await using var world = await World.StartAsync(cancel.Token);
Console.WriteLine($"{await world.ServerVersionAsync(cancel.Token)}, {rounds} rounds");
Comparison[] comparisons =
[
    .. await AppendBenchmark.RunAsync(world, rounds, cancel.Token),
    .. await CloneBenchmark.RunAsync(world, rounds, cancel.Token),
    .. await LimitBenchmark.RunAsync(world, rounds, cancel.Token),
];
foreach (var comparison in comparisons)
{
    Console.WriteLine(comparison);
}

return comparisons.All(c => c.Holds) ? 0 : 1;
