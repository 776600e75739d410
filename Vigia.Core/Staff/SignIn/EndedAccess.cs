namespace Vigia.Core.Staff.SignIn;

/// <summary>How many sessions were ended and how many API tokens were revoked with them.</summary>
public sealed record EndedAccess(int Sessions, int Tokens);
