<?php
// Microsoft app registration
define('TEAMS_CLIENT_ID', '5a4db0c5-0000-4000-8000-000000000001');
define('TEAMS_CLIENT_SECRET', 'sandbox-secret');
define( "TEAMS_TENANT_ID", "7e4a47de-0000-4000-8000-5a4db0c50001" );
define('TEAMS_REDIRECT_URI', 'https://app.example.org/teams/callback');
